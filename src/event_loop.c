/* Wakes R's event loop from the threads of the core, by the C interface of the
   R package later (https://r-lib.github.io/later/reference/later-package.html).
   It is done here and not in Rust because what is called may jump. */
#include <stdint.h>
#include <R.h>
#include <Rinternals.h>
#include <R_ext/Rdynload.h>

typedef uint64_t (*exec_later_function)(void (*function)(void *), void *data,
                                        double seconds, int loop);

static exec_later_function exec_later = NULL;
static SEXP package = NULL;

/* Runs on R's thread, from the event loop: wake(number) in R/event_loop.R. */
static void wake(void *number) {
  SEXP argument = PROTECT(Rf_ScalarReal((double)(uintptr_t)number));
  SEXP call = PROTECT(Rf_lang2(Rf_install("wake"), argument));
  Rf_eval(call, package);
  UNPROTECT(2);
}

/* Finds later, which is loaded; `environment` is the package's namespace, another
   one after the package was unloaded and loaded again. */
SEXP event_loop_connect(SEXP environment) {
  exec_later = (exec_later_function)R_GetCCallable("later", "execLaterNative2");
  R_PreserveObject(environment);
  if (package != NULL) {
    R_ReleaseObject(package);
  }
  package = environment;
  return R_NilValue;
}

/* From any thread, once connected: has wake(number) run on an event loop. */
void event_loop_wake(uintptr_t number, int loop) {
  exec_later(wake, (void *)number, 0, loop);
}
