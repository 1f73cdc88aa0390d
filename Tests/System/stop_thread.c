// Holds one thread of another process still, as if it were blocked for ever, until that process ends.
//
//   stop_thread TID
//
// Prints "stopped" once the thread stands. Killing this program lets the thread go on. Needs the right to trace.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>

int main(int argument_count, char **arguments) {
  char *end = NULL;
  long number = argument_count == 2 ? strtol(arguments[1], &end, 10) : 0;
  if (number <= 0 || *end != '\0') {
    fprintf(stderr, "usage: stop_thread TID\n");
    return 64;
  }
  pid_t thread = (pid_t)number;
  // Unlike PTRACE_ATTACH, this sends no SIGSTOP, which would stop the other threads too.
  if (ptrace(PTRACE_SEIZE, thread, NULL, NULL) != 0 || ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) != 0) {
    perror("stop_thread");
    return 1;
  }
  int status = 0;
  for (int stands = 0;;) {
    if (waitpid(thread, &status, __WALL) < 0) {
      if (errno == EINTR) continue;
      perror("stop_thread");
      return 1;
    }
    // A traced thread that was killed stays until its tracer has looked: the process could not end otherwise.
    if (WIFEXITED(status) || WIFSIGNALED(status)) return 0;
    if (!stands) {
      stands = 1;
      puts("stopped");
      fflush(stdout);
    }
  }
}
