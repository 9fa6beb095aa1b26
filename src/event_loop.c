/* Wakes R's event loop from the threads of the core, with the C interface of the
   R package later (https://r-lib.github.io/later/reference/later-package.html).
   It is implemented in C because the called R function may jump. */
#include <stdint.h>
#include <R.h>
#include <Rinternals.h>
#include <R_ext/Rdynload.h>

typedef uint64_t (*exec_later_function)(void (*function)(void *), void *data,
                                        double seconds, int loop);

static exec_later_function exec_later = NULL;
static SEXP package = NULL;

/* Called by the event loop on R's thread: calls wake(number) in R/event_loop.R. */
static void wake(void *number) {
  SEXP argument = PROTECT(Rf_ScalarReal((double)(uintptr_t)number));
  SEXP call = PROTECT(Rf_lang2(Rf_install("wake"), argument));
  Rf_eval(call, package);
  UNPROTECT(2);
}

/* Looks up the function of later, which must be loaded. `environment` is the
   package's namespace, which changes if the package is reloaded. */
SEXP event_loop_connect(SEXP environment) {
  exec_later = (exec_later_function)R_GetCCallable("later", "execLaterNative2");
  R_PreserveObject(environment);
  if (package != NULL) {
    R_ReleaseObject(package);
  }
  package = environment;
  return R_NilValue;
}

/* Runs wake(number) on an event loop. May be called from any thread, once
   event_loop_connect() has been called. */
void event_loop_wake(uintptr_t number, int loop) {
  exec_later(wake, (void *)number, 0, loop);
}
