# The limits per minute of a map on workers, shared among its slots.
SlotLimits <- R6::R6Class(
  "SlotLimits",
  cloneable = FALSE,
  public = list(
    # `rpm` and `tpm` limit requests and tokens, NULL for no limit; `count` is
    # the number of slots.
    initialize = function(rpm, tpm, count) {
      if (!is.null(rpm)) {
        private$rpm <- LimitShares$new(rpm, is_whole = TRUE, clock)
      }
      if (!is.null(tpm)) {
        private$tpm <- LimitShares$new(tpm, is_whole = FALSE, clock)
      }
      private$debt_until <- numeric(count)
    },

    # The shares of a slot (see LimitShares) for a chunk that begins now, as
    # list(rpm = , tpm = ), NULL for no limit; NULL while others use them up.
    take = function(slot, rank, slots) {
      share_of <- function(shares) {
        if (!is.null(shares)) shares$take(slot, rank, slots)
      }
      shares <- list(rpm = share_of(private$rpm), tpm = share_of(private$tpm))
      if (any(unlist(shares) == 0)) {
        self$release(slot)
        return(NULL)
      }
      shares
    },

    # The shares of a slot are no longer used.
    release = function(slot) {
      for (shares in c(private$rpm, private$tpm)) {
        shares$release(slot)
      }
    },

    # For how many seconds the shares of a slot are used up, and sets that.
    debt = function(slot) max(0, private$debt_until[[slot]] - clock()),
    set_debt = function(slot, seconds) {
      private$debt_until[[slot]] <- clock() + seconds
    }
  ),
  private = list(
    rpm = NULL,
    tpm = NULL,
    debt_until = NULL
  )
)
