# Splits a limit per minute among the slots of a map, each of which has one
# active chunk at a time.
#
# A share is how many requests or tokens a slot may send within a minute. It is
# in use from the beginning of a chunk until a minute after its end. The shares
# in use at any time (the largest of each slot) add up to at most the limit, so
# no window of a minute exceeds it. A slot spreads its share evenly, also over
# consecutive chunks (`debt` of `run_chunk()`).
LimitShares <- R6::R6Class(
  "LimitShares",
  cloneable = FALSE,
  public = list(
    # `clock` returns the time in seconds; `is_whole` is whether a share is a
    # whole number, as for requests.
    initialize = function(limit, is_whole, clock) {
      private$limit <- if (is_whole && limit >= 1) floor(limit) else limit
      private$is_whole <- is_whole && limit >= 1
      private$clock <- clock
    },

    # The share of a slot for a chunk that begins now. `slots` share the limit,
    # and this slot is the `rank`-th of them; 0 if others use up the limit.
    take = function(slot, rank, slots) {
      now <- private$clock()
      private$leases <- Filter(
        function(lease) lease$until > now, private$leases
      )
      free <- private$limit - private$used_by_others(slot)
      share <- min(private$fair_share(rank, slots), free)
      if (share > 0) {
        private$leases <- c(
          private$leases, list(list(slot = slot, share = share, until = Inf))
        )
      }
      max(share, 0)
    },

    # The chunk of a slot has finished.
    release = function(slot) {
      until <- private$clock() + 60
      private$leases <- lapply(private$leases, function(lease) {
        if (lease$slot == slot) lease$until <- min(lease$until, until)
        lease
      })
    }
  ),
  private = list(
    limit = NULL,
    is_whole = NULL,
    clock = NULL,
    leases = list(),

    fair_share = function(rank, slots) {
      if (!private$is_whole) {
        return(private$limit / slots)
      }
      # These differ by at most one and add up to the limit.
      diff(floor(private$limit * c(rank - 1, rank) / slots))
    },

    # What other slots have in use.
    used_by_others = function(slot) {
      leases <- Filter(function(lease) lease$slot != slot, private$leases)
      slots <- vapply(leases, `[[`, 0, "slot")
      sum(tapply(vapply(leases, `[[`, 0, "share"), slots, max))
    }
  )
)

# How much of a minute the worker's clock and the latency to the server may
# take, in seconds.
minute_slack <- 1

# The rate for a worker, such that no minute exceeds its share.
rate_of_share <- function(share) {
  if (!is.null(share)) share * 60 / (60 + minute_slack)
}
