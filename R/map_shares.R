# How a limit per minute is shared out among the slots of a map, each of which
# has one chunk under way at a time.
#
# A share is how many a slot may send within a minute. It is in use from the
# beginning of a chunk until a minute after its end, so that the shares in use
# at any time, of each slot the largest, are together at most the limit: then
# no window of a minute has more. A slot spreads its share evenly, over chunks
# that follow each other, too (`owed` of `run_chunk()`).
LimitShares <- R6::R6Class(
  "LimitShares",
  cloneable = FALSE,
  public = list(
    # `clock` gives the time in seconds; `is_whole` whether a share is a whole
    # number, as of requests.
    initialize = function(limit, is_whole, clock) {
      private$limit <- if (is_whole && limit >= 1) floor(limit) else limit
      private$is_whole <- is_whole && limit >= 1
      private$clock <- clock
    },

    # The share of a slot for a chunk that begins now, where `slots` share the
    # limit, of which it is the `rank`-th; 0 where others use up the limit.
    take = function(slot, rank, slots) {
      now <- private$clock()
      private$leases <- Filter(
        function(lease) lease$until > now, private$leases
      )
      free <- private$limit - private$used(slot)
      share <- min(private$fair(rank, slots), free)
      if (share > 0) {
        private$leases <- c(
          private$leases, list(list(slot = slot, share = share, until = Inf))
        )
      }
      max(share, 0)
    },

    # The chunk of a slot is over.
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

    fair = function(rank, slots) {
      if (!private$is_whole) {
        return(private$limit / slots)
      }
      # These differ by at most one, and make up the limit.
      diff(floor(private$limit * c(rank - 1, rank) / slots))
    },

    # What others than this slot have in use.
    used = function(slot) {
      leases <- Filter(function(lease) lease$slot != slot, private$leases)
      slots <- vapply(leases, `[[`, 0, "slot")
      sum(tapply(vapply(leases, `[[`, 0, "share"), slots, max))
    }
  )
)

# A worker's clock and the way to the server may take this much from a minute,
# in seconds.
minute_slack <- 1

# What a worker is told so that no minute has more than its share.
rate_of_share <- function(share) {
  if (!is.null(share)) share * 60 / (60 + minute_slack)
}
