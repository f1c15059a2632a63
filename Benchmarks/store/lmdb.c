// One process of the benchmark for LMDB's own C library, to show what Python adds; gets only, each copied out.
// Hears and answers what Order.swift describes; reads what peers.py has written.
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { most = 1 << 20 };
static long times[most];

static long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

static int ascending(const void *left, const void *right) {
    long a = *(const long *)left, b = *(const long *)right;
    return (a > b) - (a < b);
}

static int get(MDB_env *environment, long number, char *copy, size_t size) {
    char name[16];
    MDB_txn *transaction;
    MDB_dbi database;
    MDB_val key = {(size_t)snprintf(name, sizeof name, "key-%ld", number % 10), name}, value;
    if (mdb_txn_begin(environment, NULL, MDB_RDONLY, &transaction)) return 0;
    int found = !mdb_dbi_open(transaction, NULL, 0, &database) && !mdb_get(transaction, database, &key, &value) &&
                value.mv_size == size;
    if (found) memcpy(copy, value.mv_data, size);
    mdb_txn_abort(transaction);
    return found;
}

int main(int count, char **arguments) {
    char action[16], path[4096];
    size_t size, opened = 0;
    long start;
    double seconds;
    MDB_env *environment = NULL;
    if (count < 2) return 2;
    puts("ready");
    fflush(stdout);
    while (scanf("%15s %zu %ld %lf", action, &size, &start, &seconds) == 4) {
        if (strcmp(action, "get")) return 2;
        if (opened != size) {
            if (environment) mdb_env_close(environment);
            snprintf(path, sizeof path, "%s-%zu", arguments[1], size);
            if (mdb_env_create(&environment) || mdb_env_set_mapsize(environment, 4L << 30) ||
                mdb_env_set_maxreaders(environment, 64) || mdb_env_open(environment, path, 0, 0600))
                return 1;
            opened = size;
        }
        char *copy = malloc(size);
        if (!copy) return 1;
        for (long number = 0; start == 0 && number < 10; number++)
            if (!get(environment, number, copy, size)) return 1;
        while (now() < start) {}
        long before = now(), end = start + (long)(seconds * 1e9), done = 0;
        do {
            if (!get(environment, done, copy, size)) return 1;
            long after = now();
            if (done < most) times[done] = after - before;
            before = after;
            done++;
        } while (before < end);
        free(copy);
        size_t kept = done < most ? (size_t)done : most;
        qsort(times, kept, sizeof *times, ascending);
        printf("%ld %ld %ld\n", done, before - start, times[kept / 2]);
        fflush(stdout);
    }
    return 0;
}
