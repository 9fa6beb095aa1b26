# A map on workers: R processes of the future framework or of mirai. This
# process, the coordinator, distributes chunks of prompts, reads the returned
# answers and keeps the journal.

# Maximum number of prompts in a chunk, and minimum if there are enough.
max_chunk_size <- 200
min_chunk_size <- 25

# How often a chunk is given to a worker.
max_attempts <- 3

# How long to wait for workers that were asked to stop, in seconds.
stop_timeout <- 5

#' The requests of a run, sent by workers
#'
#' @description
#' A source of outcomes for [ParallelRun], like `core_source()`.
#' @noRd
WorkersSource <- R6::R6Class(
  "WorkersSource",
  cloneable = FALSE,
  public = list(
    # `fields` are those of the whole run for the bridge, `base` is from
    # `chunk_base()`, `values` has the value of the prompt of each request.
    initialize = function(fields, base, values, engine) {
      private$fields <- fields
      private$base <- base
      private$values <- values
      private$engine <- engine
      private$unread <- UnreadOutcomes$new()
    },

    start = function() {
      private$pending <- seq_along(private$values)
      private$take_recorded()
      opened <- unwrap(collector_open(private$fields))
      private$collector <- opened$collector
      private$occurrences <- opened$occurrences
      private$part <- if (is.null(private$fields$journal)) {
        tempfile("openaistream-")
      } else {
        own <- basename(tempfile("part-"))
        paste0(normalizePath(private$fields$journal), ".", own)
      }
      private$allocate_slots()
      private$submit()
    },

    # As `parallel_take()`.
    take = function(timeout) {
      deadline <- clock() + timeout
      repeat {
        private$collect()
        private$submit()
        end <- private$end %||% if (private$is_finished()) "complete"
        received <- private$unread$take(end)
        if (length(received$index) || !is.null(received$end) ||
          clock() >= deadline) {
          return(list(ok = received))
        }
        Sys.sleep(0.02)
      }
    },

    # Asks the workers to stop; completed answers can still be read. Safe if an
    # interrupt hit the connection to a worker, which is not used.
    cancel = function() {
      if (is.null(private$cancelled)) {
        private$cancelled <- clock()
        for (chunk in private$active) {
          if (!is.null(chunk)) file.create(stop_file(chunk$part))
        }
      }
    },

    # Calls `wake` when there may be something to read.
    wake_when_ready = function(number, loop) {
      later::later(function() wake(number), 0.05)
    },

    # Ends the remaining workers; answers completed by then are in the journal.
    close = function() {
      if (!is.null(private$collector)) {
        self$cancel()
        while (private$is_busy()) {
          private$collect()
          Sys.sleep(0.02)
        }
        for (chunk in private$active) {
          if (!is.null(chunk)) private$engine$cancel(chunk$handle)
        }
        unwrap(collector_close(private$collector))
        private$collector <- NULL
      }
    }
  ),
  private = list(
    fields = NULL,
    base = NULL,
    values = NULL,
    engine = NULL,
    collector = NULL,
    occurrences = NULL,

    # The names of the chunk files, and how many there were.
    part = NULL,
    parts = 0,

    # The requests that are in no chunk, and the chunks whose worker has died.
    pending = NULL,
    retry_chunks = list(),

    # The chunk of each slot, NULL if it has none; the slots' limits; and for
    # how many slots there are workers.
    active = list(),
    limits = NULL,
    capacity = 0,
    has_lost_worker = FALSE,
    # How many consecutive chunks no worker accepted.
    refusals = 0,

    unread = NULL,
    end = NULL,
    cancelled = NULL,

    # Requests that are already in the journal are not sent.
    take_recorded = function() {
      if (is.null(private$fields$journal)) {
        return()
      }
      recorded <- unwrap(parallel_stored(private$fields))
      is_recorded <- !vapply(recorded, is.null, NA)
      is_recorded[private$fields$ask_again] <- FALSE
      answers <- lapply(recorded[is_recorded], function(answer) {
        list(ok = answer)
      })
      private$unread$add(
        which(is_recorded), answers, unsent_effort(length(answers))
      )
      private$pending <- which(!is_recorded)
    },

    allocate_slots = function() {
      rpm <- private$fields$rpm
      count <- min(private$engine$workers(), length(private$pending))
      if (!is.null(rpm)) count <- min(count, max(1, floor(rpm)))
      private$capacity <- count
      private$active <- vector("list", count)
      private$limits <- SlotLimits$new(rpm, private$fields$tpm, count)
    },

    running = function() {
      sum(!vapply(private$active, is.null, NA))
    },

    # Whether there is a chunk that may still return something.
    is_busy = function() {
      private$running() > 0 && (is.null(private$cancelled) ||
        clock() < private$cancelled + stop_timeout)
    },

    is_finished = function() {
      has_work <- length(private$pending) || length(private$retry_chunks)
      !private$is_busy() && (!has_work || !is.null(private$cancelled))
    },

    # Gives a chunk to each idle slot while there are workers.
    submit = function() {
      for (slot in which(vapply(private$active, is.null, NA))) {
        has_work <- length(private$pending) || length(private$retry_chunks)
        if (!has_work || !is.null(private$cancelled) ||
          !is.null(private$end) || !private$has_worker()) {
          break
        }
        chunk <- private$next_chunk(slot)
        if (!is.null(chunk)) private$assign_chunk(slot, chunk)
      }
    },

    # Whether there is a worker for another chunk. A replacement for a dead
    # worker counts again.
    has_worker = function() {
      if (private$running() >= private$capacity && !private$has_lost_worker) {
        return(FALSE)
      }
      has_capacity <- private$engine$has_capacity()
      # future gives one chunk after the other to an idle worker that died.
      is_refused <- private$refusals >= max_attempts
      lacks_worker <- is_refused || (private$has_lost_worker && !has_capacity)
      if (lacks_worker && private$running() == 0) {
        private$end <- worker_record(
          "No worker accepts requests: all workers have died, or one that ",
          "died is given what others could do. Start new ones with ",
          "future::plan() or mirai::daemons(), and repeat the call; with a ",
          "`journal` only what is missing is sent."
        )
      }
      if (lacks_worker) {
        return(FALSE)
      }
      if (has_capacity) {
        private$capacity <- max(private$capacity, private$running() + 1)
      }
      has_capacity
    },

    # A chunk with its share of the limits; NULL while others use them up.
    next_chunk = function(slot) {
      is_active <- !vapply(private$active, is.null, NA)
      # A slot without further work leaves the limits to the others.
      left <- if (length(private$pending)) Inf else length(private$retry_chunks)
      slots <- min(private$capacity, sum(is_active) + left)
      rank <- min(sum(is_active[seq_len(slot)]) + 1, slots)
      shares <- private$limits$take(slot, rank, slots)
      if (is.null(shares)) {
        return(NULL)
      }
      if (length(private$retry_chunks)) {
        chunk <- private$retry_chunks[[1]]
        private$retry_chunks <- private$retry_chunks[-1]
      } else {
        size <- chunk_size(length(private$pending), slots, shares$rpm)
        chunk <- list(indexes = private$pending[seq_len(size)], attempts = 0)
        private$pending <- private$pending[-seq_len(size)]
      }
      private$parts <- private$parts + 1
      chunk$part <- paste0(private$part, "-", private$parts)
      private$create_part_file(chunk)
      chunk$rpm <- rate_of_share(shares$rpm)
      chunk$tpm <- shares$tpm
      chunk
    },

    # The file of a chunk, with what the previous worker left.
    create_part_file = function(chunk) {
      if (is.null(chunk$last_part)) {
        file.create(chunk$part)
      } else {
        file.copy(chunk$last_part, chunk$part)
        unlink(chunk$last_part)
      }
    },

    assign_chunk = function(slot, chunk) {
      handle <- private$engine$submit(c(private$base, list(
        values = private$values[chunk$indexes],
        occurrences = private$occurrences[chunk$indexes],
        part = chunk$part, rpm = chunk$rpm, tpm = chunk$tpm,
        debt = private$limits$debt(slot)
      )))
      if (is.null(handle)) {
        # None of its requests were sent. future gives the next chunk to
        # the same worker.
        private$refusals <- private$refusals + 1
        private$limits$release(slot)
        chunk$last_part <- chunk$part
        private$retry_chunks <- c(private$retry_chunks, list(chunk))
      } else {
        private$refusals <- 0
        chunk$handle <- handle
        private$active[[slot]] <- chunk
      }
    },

    # Reads the results of finished chunks.
    collect = function() {
      for (slot in seq_along(private$active)) {
        chunk <- private$active[[slot]]
        if (!is.null(chunk) && private$engine$is_resolved(chunk$handle)) {
          private$active[slot] <- list(NULL)
          value <- tryCatch(
            private$engine$value(chunk$handle),
            error = identity
          )
          if (is.null(value)) {
            private$handle_worker_loss(slot, chunk)
          } else {
            private$limits$release(slot)
            private$refusals <- 0
            if (inherits(value, "error")) {
              private$end <- worker_record(
                "A worker failed: ", conditionMessage(value)
              )
            } else {
              private$finish(slot, chunk, value)
            }
          }
        }
      }
    },

    finish = function(slot, chunk, value) {
      private$limits$set_debt(slot, value$debt)
      is_text <- !is.na(value$texts)
      is_cancelled <- vapply(
        value$failures, inherits, NA, "openai_cancelled_error"
      )
      is_failed <- !is_text & !is_cancelled
      collected <- unwrap(collector_take(
        private$collector, private$fields, chunk$indexes[is_text],
        value$texts[is_text]
      ))
      subset_effort <- function(index) lapply(value$effort, `[`, index)
      outcomes <- lapply(collected, function(outcome) {
        if (value$replaced && !is.null(outcome$ok)) outcome$ok$replaced <- TRUE
        outcome %||% worker_failure("A worker returned an invalid result.")
      })
      private$unread$add(
        chunk$indexes[is_text], outcomes, subset_effort(is_text)
      )
      private$unread$add(
        chunk$indexes[is_failed], value$failures[is_failed],
        subset_effort(is_failed)
      )
      unlink(c(chunk$part, stop_file(chunk$part)))
      # A worker that was interrupted leaves its requests to others.
      if (any(is_cancelled) && is.null(private$cancelled) && !any(is_failed)) {
        chunk$indexes <- chunk$indexes[is_cancelled]
        chunk$last_part <- NULL
        private$retry_chunk(chunk, "was interrupted")
      }
    },

    # The worker of a chunk has died. What it sent last is unknown: after a
    # minute, its share is certainly free again.
    handle_worker_loss = function(slot, chunk) {
      private$limits$release(slot)
      private$has_lost_worker <- TRUE
      private$capacity <- max(1, private$capacity - 1)
      wait <- if (!is.null(chunk$tpm)) 60 else 60 / (chunk$rpm %||% Inf)
      private$limits$set_debt(slot, wait)
      chunk$last_part <- chunk$part
      private$retry_chunk(chunk, "died")
    },

    retry_chunk = function(chunk, what) {
      chunk$attempts <- chunk$attempts + 1
      if (!is.null(private$cancelled)) {
        return()
      }
      if (chunk$attempts < max_attempts) {
        private$retry_chunks <- c(private$retry_chunks, list(chunk))
      } else {
        failure <- worker_failure(
          "The worker ", what, " each of the ", max_attempts, " times that ",
          "this request was sent to one."
        )
        private$unread$add(
          chunk$indexes, rep(list(failure), length(chunk$indexes))
        )
      }
    }
  )
)

# How many prompts a chunk has if `left` are left for `slots`: fewer towards the
# end, so that all workers end at the same time, and as many as a share of
# requests allows in half a minute, so that shares can be corrected.
chunk_size <- function(left, slots, rpm = NULL) {
  each <- ceiling(left / slots)
  size <- max(ceiling(each / 2), min(min_chunk_size, each))
  min(size, max_chunk_size, max(1, floor((rpm %||% Inf) / 2)))
}

clock <- function() proc.time()[["elapsed"]]

worker_record <- function(...) {
  list(kind = "worker", message = paste0(...))
}

worker_failure <- function(...) openai_condition(worker_record(...))
