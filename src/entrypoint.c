/* The door of the shared library. */
#include <R.h>
#include <Rinternals.h>
#include <R_ext/GraphicsEngine.h>
#include <R_ext/Utils.h>
#include <R_ext/Rdynload.h>

void register_extendr_panic_hook(void);
void R_init_openaistream_extendr(DllInfo *dll);

/* Raises R's own interrupt condition. It is done here and not in Rust because
   it jumps: no frame of Rust may lie between it and R. */
SEXP interrupt_raise(void) {
  Rf_onintr();
  return R_NilValue;
}

/* Holds interrupts back or lets them come, and says what was so before; see
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

/* The short way of $next_value, see rust/bridge/src/stream/next.rs. */
SEXP stream_next(SEXP stream, SEXP num) {
  SEXP batch = stream_next_batch(stream, num);
  if (batch == NULL) {
    Rf_error("R lacks the memory for the events; $message() still has them.");
  }
  if (batch == R_NilValue) {
    /* One that waits comes before anything else is taken. */
    R_CheckUserInterrupt();
  }
  return batch;
}

void R_init_openaistream(DllInfo *dll) {
  register_extendr_panic_hook();
  R_init_openaistream_extendr(dll);
  /* extendr registers its own functions only. */
  R_useDynamicSymbols(dll, TRUE);
}
