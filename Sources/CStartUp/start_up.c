// What has to be done before anything else of the program runs, the libraries' own beginnings included.

#include "CStartUp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/// The address space that the program cannot do without: below it the libraries abort or hang before anybody can say
/// why. Most of it is reserved and never touched.
#define LEAST_ADDRESS_SPACE ((rlim_t)1200 << 20)

/// EX_UNAVAILABLE of sysexits.h.
#define UNAVAILABLE 69

static bool standardInputWasClosed;

/// Opens /dev/null in place of the standard descriptors that are closed. Otherwise the next file, timer or socket would
/// take their numbers, and messages would be written into it.
static void openStandardDescriptors(void) {
  for (int descriptor = 0; descriptor <= 2; descriptor++) {
    if (fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    if (descriptor == 0) standardInputWasClosed = true;
    // The lowest free number is this one, since those below are open by now.
    (void)!open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY);
  }
}

static void checkAddressSpace(const char *program) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur >= LEAST_ADDRESS_SPACE) return;
  const char *name = program ? program : "affectd";
  const char *slash = strrchr(name, '/');
  char message[256];
  int length = snprintf(
      message, sizeof message,
      "%.64s: the address space is limited to %llu MiB, at least %llu are needed: raise ulimit -v, or LimitAS= in the unit\n",
      slash ? slash + 1 : name, (unsigned long long)(limit.rlim_cur >> 20),
      (unsigned long long)(LEAST_ADDRESS_SPACE >> 20));
  (void)!write(2, message, length);
  _exit(UNAVAILABLE);
}

static void startUp(int count, char **arguments, char **environment) {
  (void)environment;
  openStandardDescriptors();
  checkAddressSpace(count > 0 ? arguments[0] : NULL);
}

/// The dynamic linker calls these before the constructors of the libraries (System V ABI, "Initialization and
/// Termination Functions").
__attribute__((section(".preinit_array"), used)) static void (*const beginning)(int, char **, char **) = startUp;

bool affect_standard_input_was_closed(void) { return standardInputWasClosed; }
