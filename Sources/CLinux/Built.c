/// How this program was built, and with what it runs.
#include "CLinux.h"

#include <features.h>
#include <sys/auxv.h>

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#define TEXT_OF(x) #x
#define VERSION_OF(major, minor) TEXT_OF(major) "." TEXT_OF(minor)
const char *larder_c_library_built_with(void) { return VERSION_OF(__GLIBC__, __GLIBC_MINOR__); }
const char *larder_c_library(void) { return gnu_get_libc_version(); }
#else
const char *larder_c_library_built_with(void) { return ""; }
const char *larder_c_library(void) { return ""; }
#endif

const char *larder_c_compiler(void) { return __VERSION__; }

#ifdef LARDER_SWIFT_VERSION
const char *larder_swift_compiler(void) { return LARDER_SWIFT_VERSION; }
#else
const char *larder_swift_compiler(void) { return ""; }
#endif

#ifdef LARDER_OWN_START
int larder_wants_own_start(void) { return 1; }
#else
int larder_wants_own_start(void) { return 0; }
#endif

// Where a loader is, the kernel says where.
int larder_is_static(void) { return getauxval(AT_BASE) == 0; }
