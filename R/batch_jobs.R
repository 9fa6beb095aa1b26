#' The batches of a run
#'
#' @description
#' Makes batches of what a run of the core has to send, waits for them and gives
#' it what came of them. Each step is written into the journal (see
#' rust/core/src/batch), so that another session goes on where this one ended.
#' @noRd
BatchJobs <- R6::R6Class(
  "BatchJobs",
  cloneable = FALSE,
  public = list(
    # `source` is the run of the core, `service` is from `batch_service()`,
    # `plan` is for `batch_plan()`. Where there is a journal, `is_kept`, another
    # run can go on. `draw(done, failed)` shows how many requests are over.
    initialize = function(source, service, plan, is_kept, draw) {
      private$source <- source
      private$service <- service
      private$what <- plan
      private$is_kept <- is_kept
      private$draw <- draw
    },

    # Goes on with the batches of earlier runs and sends what nobody sent, and
    # the requests with the numbers `again` though they have an answer; once all
    # are over, what the batches of earlier runs left undone.
    settle = function(again = NULL) {
      and_then(private$resume(), function(resumed) {
        new <- in_turn(private$plan(again), private$submit)
        and_then(new, function(new) {
          private$waiting <- c(resumed, new)
          and_then(private$await(), function(done) {
            if (length(resumed)) self$settle()
          })
        })
      })
    },

    # The ids of the batches that go on at the server.
    ids = function() {
      parts <- unwrap(batch_unfinished(private$source))
      unlist(lapply(parts, `[[`, "batch"))
    },

    # The same in words, nothing where there are none.
    told = function() {
      ids <- self$ids()
      if (length(ids)) {
        paste0(
          " The server goes on with the batches ", toString(ids), "; ",
          if (private$is_kept) {
            "a run with the same journal takes what comes of them."
          } else {
            "client$batches$cancel() ends one."
          }
        )
      }
    }
  ),
  private = list(
    source = NULL,
    service = NULL,
    what = NULL,
    is_kept = NULL,
    draw = NULL,

    # The batches that are waited for, lists as `batch_unfinished()` gives them
    # with `is_resumed`, whether an earlier run made them, and `counts`.
    waiting = list(),

    # How many requests of batches that are over were answered, and failed.
    counts = c(done = 0, failed = 0),

    # How often in a row the server could not be asked.
    lapses = 0,

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
    plan = function(again) {
      plan <- c(private$what, list(ask_again = again))
      lapply(unwrap(batch_plan(private$source, plan)), function(part) {
        c(part, is_resumed = FALSE)
      })
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
        counts <- lapply(private$waiting, `[[`, "counts")
        counts <- Reduce(`+`, counts, private$counts)
        private$draw(counts[["done"]], counts[["failed"]])
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

    # The batch of a part, NULL where the server cannot be asked: one that fails
    # for a while does not end the waiting for a day.
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
      folder <- private$what$folder
      dir.create(folder, showWarnings = FALSE)
      downloaded <- in_turn(ids, function(id) {
        private$service$download(id, tempfile("results-", folder))
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
        if (private$is_kept) " A run with the same journal sends it again."
      )
    }
  )
)

# How often a batch is tried to be made.
most_batch_attempts <- 3

# How often in a row batches may be asked for in vain: most of an hour.
most_lapses <- 100

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
