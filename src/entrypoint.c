/* The entry point of the shared library. */
#include <R.h>
#include <Rinternals.h>
#include <R_ext/GraphicsEngine.h>
#include <R_ext/Utils.h>
#include <R_ext/Rdynload.h>

void register_extendr_panic_hook(void);
void R_init_openaistream_extendr(DllInfo *dll);

/* Raises R's interrupt condition. It is implemented in C because it jumps, which
   must not skip Rust frames. */
SEXP interrupt_raise(void) {
  Rf_onintr();
  return R_NilValue;
}

/* Suspends interrupts or allows them, and returns the previous state; see
   rust/bridge/src/interrupts.rs. */
int interrupts_hold(int hold) {
  int before = R_interrupts_suspended;
  R_interrupts_suspended = hold ? TRUE : FALSE;
  return before;
}

int interrupts_pending(void) {
  return R_interrupts_pending;
}

SEXP stream_next_batch(SEXP stream, SEXP num);

/* The fast path of $next_value, see rust/bridge/src/stream/next.rs. */
SEXP stream_next(SEXP stream, SEXP num) {
  SEXP batch = stream_next_batch(stream, num);
  if (batch == NULL) {
    Rf_error("R is out of memory for the events; $message() still contains them.");
  }
  if (batch == R_NilValue) {
    /* Process a pending interrupt before taking events. */
    R_CheckUserInterrupt();
  }
  return batch;
}

void R_init_openaistream(DllInfo *dll) {
  register_extendr_panic_hook();
  R_init_openaistream_extendr(dll);
  /* extendr registers only its own functions. */
  R_useDynamicSymbols(dll, TRUE);
}
