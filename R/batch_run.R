#' A run of many requests as batches
#'
#' @description
#' Sends the requests of one call as batches, waits for them and makes the value
#' of the call of what came. Each step is written into the journal (see
#' rust/core/src/batch), so that another run goes on where this one ended.
#' @noRd
BatchRun <- R6::R6Class(
  "BatchRun",
  cloneable = FALSE,
  public = list(
    # `service` is from `batch_service()`, `fields` are for `batch_open()`,
    # `settings` from `with_engine()`, `places` those of the requests among
    # `results`; for the others see `run_batches()`.
    initialize = function(service, fields, settings, results, places, then,
                          call, ask_again, weights, gather) {
      private$service <- service
      private$fields <- fields
      private$settings <- settings
      private$results <- results
      private$places <- places
      private$then <- then
      private$call <- call
      private$ask_again <- ask_again
      private$weights <- if (!is.null(weights)) as.double(weights)
      private$gather <- gather
      private$folder <- tempfile("openaistream-batch-")
    },

    # An interrupt ends the waiting, and what is done is returned.
    wait = function() {
      private$open()
      private$display <- count_display(
        private$settings$progress, length(private$results)
      )
      on.exit({
        private$display$close()
        private$close()
      })
      tryCatch(
        private$settle(),
        openai_error = function(e) private$fail(e),
        interrupt = function(e) private$interrupted <- TRUE
      )
      private$value()
    },

    promise = function() {
      check_installed(c("later", "promises"), "A promise of a call")
      private$open()
      settled <- promises::catch(
        promises::promise(function(resolve, reject) resolve(private$settle())),
        function(e) {
          if (inherits(e, "openai_error")) private$fail(e) else stop(e)
        }
      )
      value <- promises::then(settled, function(x) private$value())
      promises::finally(value, function() private$close())
    }
  ),
  private = list(
    service = NULL,
    fields = NULL,
    settings = NULL,
    results = NULL,
    places = NULL,
    then = NULL,
    call = NULL,
    ask_again = NULL,
    weights = NULL,
    gather = NULL,

    # Where the files of lines and of results are.
    folder = NULL,

    # The run of the core, once its journal is open.
    source = NULL,
    display = NULL,
    interrupted = FALSE,
    replaced = FALSE,

    # The batches that are waited for, lists as `batch_unfinished()` gives them
    # with `is_resumed`, whether an earlier run made them, and `counts`.
    waiting = list(),

    # How many requests of batches that are over were answered, and failed.
    counts = c(done = 0, failed = 0),

    # How often in a row the server could not be asked.
    lapses = 0,

    open = function() {
      private$source <- unwrap(batch_open(private$fields))
    },

    close = function() {
      unwrap(batch_close(private$source))
      unlink(private$folder, recursive = TRUE)
      if (is.null(private$settings$journal)) unlink(private$fields$journal)
    },

    # Goes on with the batches of earlier runs and sends what nobody sent; once
    # all are over, what those of earlier runs left undone.
    settle = function() {
      and_then(private$resume(), function(resumed) {
        and_then(in_turn(private$plan(), private$submit), function(new) {
          private$waiting <- c(resumed, new)
          and_then(private$await(), function(done) {
            if (length(resumed)) private$settle()
          })
        })
      })
    },

    # The batches of earlier runs, also of one that ended before it had written
    # down which batch it had made.
    resume = function() {
      parts <- lapply(unwrap(batch_unfinished(private$source)), function(part) {
        c(part, is_resumed = TRUE)
      })
      is_lost <- vapply(parts, function(part) is.null(part$batch), NA)
      if (!any(is_lost)) {
        return(parts)
      }
      and_then(private$service$batches_by_name(), function(made) {
        and_then(private$service$files_by_name(), function(uploaded) {
          found <- in_turn(parts[is_lost], function(part) {
            private$find(part, made[[part$name]], uploaded[[part$name]])
          })
          and_then(found, function(found) {
            c(parts[!is_lost], Filter(Negate(is.null), found))
          })
        })
      })
    },

    # A part with its batch: the one that has its name, or one of the file that
    # was uploaded. NULL for a part that has neither, whose requests are planned
    # anew.
    find = function(part, batch, file) {
      file <- part$file %||% file
      if (!is.null(batch)) {
        private$has_batch(part, batch)
      } else if (!is.null(file) && part$is_wanted) {
        private$create(part, file)
      } else {
        private$note(part, "over", "dropped")
        NULL
      }
    },

    # Writes what is to be sent into files.
    plan = function() {
      refused <- private$refused()
      private$ask_again <- NULL
      planned <- unwrap(batch_plan(private$source, list(
        bodies = private$fields$bodies, weights = private$weights,
        ask_again = refused, folder = private$folder,
        requests = private$settings$batch_size, bytes = most_batch_bytes
      )))
      lapply(planned, function(part) c(part, is_resumed = FALSE))
    },

    # The numbers of the requests whose answers are asked for again.
    refused = function() {
      if (is.null(private$ask_again)) {
        return(NULL)
      }
      which(unlist(private$each_outcome(function(outcome) {
        !is.null(outcome$ok) && tryCatch(
          private$ask_again(private$then(outcome$ok$value)),
          error = function(e) FALSE
        )
      })))
    },

    submit = function(part) {
      and_then(private$service$upload(part$path), function(file) {
        unlink(part$path)
        private$note(part, "file", file$id)
        private$create(part, file$id)
      })
    },

    # Makes the batch of a file. Where no answer comes, it may be there
    # nevertheless.
    create = function(part, file, attempts = most_batch_attempts) {
      made <- or_failed(
        function() {
          private$service$create(
            input_file_id = file,
            endpoint = unwrap(batch_endpoint(private$source)),
            completion_window = "24h",
            metadata = structure(list(part$name), names = name_of_batch)
          )
        },
        function(e) {
          if (attempts <= 1 || !is_passing(e)) {
            stop(e)
          }
          and_then(private$service$pause(e$retry_after %||% 1), function(x) {
            and_then(private$service$batches_by_name(), function(made) {
              list(id = made[[part$name]])
            })
          })
        }
      )
      and_then(made, function(batch) {
        if (is.null(batch$id)) {
          private$create(part, file, attempts - 1)
        } else {
          private$has_batch(part, batch$id)
        }
      })
    },

    has_batch = function(part, id) {
      private$note(part, "batch", id)
      part$batch <- id
      part
    },

    note = function(part, name, value) {
      unwrap(batch_note(private$source, part$part, name, value))
    },

    await = function() {
      wait_for(
        function() private$look(), function(waiting) length(waiting) == 0L,
        Inf, private$service$asynchronous,
        late = identity, longest = longest_batch_pause
      )
    },

    look = function() {
      and_then(in_turn(private$waiting, private$look_at), function(left) {
        private$waiting <- Filter(Negate(is.null), left)
        private$draw()
        private$waiting
      })
    },

    # The part with what its batch has done; NULL once that is over, and what
    # came of it is kept.
    look_at = function(part) {
      and_then(private$state(part), function(batch) {
        counts <- batch$request_counts
        part$counts <- c(
          done = (counts$completed %||% 0) + (counts$failed %||% 0),
          failed = counts$failed %||% 0
        )
        if (!is_batch_over(batch)) {
          return(part)
        }
        and_then(private$collect(part, batch), function(done) {
          private$counts <- private$counts + part$counts
          NULL
        })
      })
    },

    # The batch of a part. A server or a network that fails for a while does not
    # end the waiting for a day.
    state = function(part) {
      asked <- or_failed(
        function() private$service$retrieve(part$batch),
        function(e) {
          private$lapses <- private$lapses + 1
          if (!is_passing(e) || private$lapses > most_lapses) {
            stop(e)
          }
          NULL
        }
      )
      and_then(asked, function(batch) {
        if (!is.null(batch)) private$lapses <- 0
        batch
      })
    },

    # Takes what came of a part.
    collect = function(part, batch) {
      ids <- Filter(is_string, batch[c("output_file_id", "error_file_id")])
      dir.create(private$folder, showWarnings = FALSE)
      downloaded <- in_turn(ids, function(id) {
        private$service$download(id, tempfile("results-", private$folder))
      })
      and_then(downloaded, function(files) {
        told <- if (!part$is_resumed) private$untold(batch)
        unwrap(batch_finish(
          private$source, part$part, unname(files), batch$status, told
        ))
        unlink(unlist(files))
      })
    },

    # Why requests of a batch have no result.
    untold = function(batch) {
      paste0(
        "The batch ", batch$id, " ", batch_end(batch), ", without a result of ",
        "this request.",
        if (!is.null(private$settings$journal)) {
          " A run with the same journal sends it again."
        }
      )
    },

    draw = function() {
      counts <- lapply(private$waiting, `[[`, "counts")
      counts <- Reduce(`+`, counts, private$counts)
      if (!is.null(private$display)) {
        private$display$draw(counts[["done"]], counts[["failed"]], 0)
      }
    },

    # What `f` makes of the outcomes of all requests, a list; some at a time,
    # for all of them may take much memory.
    each_outcome = function(f) {
      count <- length(private$places)
      starts <- seq(1, count, by = outcomes_at_once)
      made <- lapply(starts, function(from) {
        to <- min(from + outcomes_at_once - 1, count)
        lapply(unwrap(batch_results(private$source, from, to)), f)
      })
      unlist(made, recursive = FALSE)
    },

    # The element of one request.
    result = function(outcome) {
      if (is.null(outcome)) {
        return(unfinished_condition())
      }
      if (!is.null(outcome$error)) {
        return(openai_condition(outcome$error))
      }
      if (outcome$ok$replaced) private$replaced <- TRUE
      tryCatch(private$then(outcome$ok$value), error = identity)
    },

    put_together = function() {
      made <- private$each_outcome(private$result)
      private$results[private$places] <- new_answers(
        made, batch_effort(length(made))
      )
      vapply(made, inherits, NA, what = "error")
    },

    value = function() {
      if (private$interrupted) {
        private$warn_interrupted()
      }
      if (!is.null(private$gather)) {
        return(private$gather(private$source))
      }
      failed <- private$put_together()
      if (private$replaced) {
        warn_replaced()
      }
      if (any(failed) && private$settings$stops_at_failure &&
        !private$interrupted) {
        first <- private$places[failed][[1]]
        private$stop_with(private$results[[first]], index = first)
      }
      private$results
    },

    # Stops because the batches could not be sent, or looked at.
    fail = function(condition) {
      ids <- private$ids()
      if (length(ids)) {
        condition$message <- paste0(condition$message, private$told_of(ids))
      }
      private$put_together()
      private$stop_with(condition, batches = ids)
    },

    stop_with = function(condition, ...) {
      condition[c("call", ...names())] <- list(private$call, ...)
      condition$results <- private$results
      stop(condition)
    },

    # The batches that go on at the server.
    ids = function() {
      parts <- unwrap(batch_unfinished(private$source))
      unlist(lapply(parts, `[[`, "batch"))
    },

    warn_interrupted = function() {
      ids <- private$ids()
      warn_openai(
        "interrupted",
        "Interrupted: requests that were not answered have conditions of ",
        "class openai_cancelled_error as their elements.",
        if (length(ids)) private$told_of(ids)
      )
    },

    told_of = function(ids) {
      paste0(
        " The server goes on with the batches ", toString(ids), "; ",
        if (is.null(private$settings$journal)) {
          "client$batches$cancel() ends one."
        } else {
          "a run with the same journal takes what comes of them."
        }
      )
    }
  )
)

# How often a batch is tried to be made.
most_batch_attempts <- 3

# How often in a row a batch may be asked for in vain: most of an hour.
most_lapses <- 100

# How many answers are made values at once.
outcomes_at_once <- 1000

# How a batch ended, in words.
batch_end <- function(batch) {
  problem <- batch$errors$data
  switch(batch$status,
    expired = "expired",
    cancelled = "was cancelled",
    failed = paste0(
      "failed", if (length(problem$message)) paste0(": ", problem$message[[1]])
    ),
    "is over"
  )
}
