/* Runs a command and prints its peak memory in KiB. A program of its own, because the kernel counts the memory of
   whoever calls exec as the child's peak, and Python is bigger than the launcher. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
    struct rusage usage;
    int status;
    if (argc < 2) return 2;
    pid_t child = fork();
    if (child == 0) { execv(argv[1], argv + 1); _exit(127); }
    if (wait4(child, &status, 0, &usage) < 0 || status != 0) return 1;
    printf("%ld\n", usage.ru_maxrss);
    return 0;
}
