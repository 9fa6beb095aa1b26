#' The batches of a run
#'
#' @description
#' Sends the requests of a run of the core as batches, waits for them and
#' returns their results. Each step is recorded in the journal (see
#' rust/core/src/batch), so another session can resume where this one ended.
#' @noRd
BatchJobs <- R6::R6Class(
  "BatchJobs",
  cloneable = FALSE,
  public = list(
    # `source` is the run of the core, `service` is from `batch_service()`,
    # `plan` is for `batch_plan()`. With a journal, `is_kept`, another run can
    # resume. `draw(done, failed)` shows how many requests have finished.
    initialize = function(source, service, plan, is_kept, draw) {
      private$source <- source
      private$service <- service
      private$settings <- plan
      private$is_kept <- is_kept
      private$draw <- draw
    },

    # Resumes the batches of earlier runs and sends the requests that were not
    # sent, and those with the numbers `resend` even if they have an answer;
    # once all have finished, sends what the batches of earlier runs left undone.
    settle = function(resend = NULL) {
      and_then(private$resume(), function(resumed) {
        new <- in_sequence(private$plan(resend), private$submit)
        and_then(new, function(new) {
          private$pending <- c(resumed, new)
          and_then(private$await(), function(done) {
            if (length(resumed)) self$settle()
          })
        })
      })
    },

    # The ids of the batches that continue on the server.
    ids = function() {
      parts <- unwrap(batch_unfinished(private$source))
      unlist(lapply(parts, `[[`, "batch"))
    },

    # The same as a sentence, nothing if there are none.
    unfinished_batches = function() {
      ids <- self$ids()
      if (length(ids)) {
        paste0(
          " The server continues with the batches ", toString(ids), "; ",
          if (private$is_kept) {
            "a run with the same journal collects their results."
          } else {
            "client$batches$cancel() cancels one."
          }
        )
      }
    }
  ),
  private = list(
    source = NULL,
    service = NULL,
    settings = NULL,
    is_kept = NULL,
    draw = NULL,

    # The batches to wait for, lists as returned by `batch_unfinished()` with
    # `is_resumed`, whether an earlier run created them, and `counts`.
    pending = list(),

    # How many requests of finished batches were answered, and failed.
    counts = c(done = 0, failed = 0),

    # How many consecutive requests to the server failed.
    failed_polls = 0,

    # The batches of earlier runs, including a run that ended before it recorded
    # which batch it had created.
    resume = function() {
      parts <- lapply(unwrap(batch_unfinished(private$source)), function(part) {
        c(part, is_resumed = TRUE)
      })
      lacks_batch <- vapply(parts, function(part) is.null(part$batch), NA)
      if (!any(lacks_batch)) {
        return(parts)
      }
      and_then(private$service$batches_by_name(), function(created) {
        and_then(private$service$files_by_name(), function(uploaded) {
          recovered <- in_sequence(parts[lacks_batch], function(part) {
            name <- part$name
            private$find_batch(part, created[[name]], uploaded[[name]])
          })
          and_then(recovered, function(recovered) {
            c(parts[!lacks_batch], Filter(Negate(is.null), recovered))
          })
        })
      })
    },

    # A part with its batch: the one with its name, or one of the uploaded file.
    # NULL for a part that has neither, whose requests are planned again.
    find_batch = function(part, batch, file) {
      file <- part$file %||% file
      if (!is.null(batch)) {
        private$record_batch(part, batch)
      } else if (!is.null(file) && part$is_wanted) {
        private$create(part, file)
      } else {
        private$note(part, "over", "dropped")
        NULL
      }
    },

    # Writes the requests into files.
    plan = function(resend) {
      plan <- c(private$settings, list(ask_again = resend))
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

    # Creates the batch of a file. If the response is lost, the batch may exist
    # nevertheless.
    create = function(part, file, attempts = max_batch_attempts) {
      created <- or_else(
        function() {
          private$service$create(
            input_file_id = file,
            endpoint = unwrap(batch_endpoint(private$source)),
            completion_window = "24h",
            metadata = structure(list(part$name), names = batch_name_field)
          )
        },
        function(e) {
          if (attempts <= 1 || !is_transient(e)) {
            stop(e)
          }
          and_then(private$service$pause(e$retry_after %||% 1), function(x) {
            and_then(private$service$batches_by_name(), function(created) {
              list(id = created[[part$name]])
            })
          })
        }
      )
      and_then(created, function(batch) {
        if (is.null(batch$id)) {
          private$create(part, file, attempts - 1)
        } else {
          private$record_batch(part, batch$id)
        }
      })
    },

    record_batch = function(part, id) {
      private$note(part, "batch", id)
      part$batch <- id
      part
    },

    note = function(part, name, value) {
      unwrap(batch_note(private$source, part$part, name, value))
    },

    await = function() {
      wait_for(
        function() private$poll(), function(pending) length(pending) == 0L,
        Inf, private$service$asynchronous,
        on_timeout = identity, max_pause = max_batch_pause
      )
    },

    poll = function() {
      parts <- in_sequence(private$pending, private$poll_part)
      and_then(parts, function(polled) {
        private$pending <- Filter(Negate(is.null), polled)
        counts <- lapply(private$pending, `[[`, "counts")
        counts <- Reduce(`+`, counts, private$counts)
        private$draw(counts[["done"]], counts[["failed"]])
        private$pending
      })
    },

    # The part with the progress of its batch; NULL once the batch has finished
    # and its results are recorded.
    poll_part = function(part) {
      and_then(private$state(part), function(batch) {
        counts <- batch$request_counts
        part$counts <- c(
          done = (counts$completed %||% 0) + (counts$failed %||% 0),
          failed = counts$failed %||% 0
        )
        if (!is_batch_finished(batch)) {
          return(part)
        }
        and_then(private$collect(part, batch), function(done) {
          private$counts <- private$counts + part$counts
          NULL
        })
      })
    },

    # The batch of a part, NULL if the request failed: a temporary failure does
    # not end the wait for a day.
    state = function(part) {
      retrieved <- or_else(
        function() private$service$retrieve(part$batch),
        function(e) {
          private$failed_polls <- private$failed_polls + 1
          if (!is_transient(e) || private$failed_polls > max_failed_polls) {
            stop(e)
          }
          NULL
        }
      )
      and_then(retrieved, function(batch) {
        if (!is.null(batch)) private$failed_polls <- 0
        batch
      })
    },

    # Collects the results of a part.
    collect = function(part, batch) {
      ids <- Filter(is_string, batch[c("output_file_id", "error_file_id")])
      folder <- private$settings$folder
      dir.create(folder, showWarnings = FALSE)
      downloaded <- in_sequence(ids, function(id) {
        private$service$download(id, tempfile("results-", folder))
      })
      and_then(downloaded, function(files) {
        reason <- if (!part$is_resumed) private$unreported(batch)
        unwrap(batch_finish(
          private$source, part$part, unname(files), batch$status, reason
        ))
        unlink(unlist(files))
      })
    },

    # Why requests of a batch have no result.
    unreported = function(batch) {
      paste0(
        "The batch ", batch$id, " ", batch_end(batch), ", without a result of ",
        "this request.",
        if (private$is_kept) " A run with the same journal sends it again."
      )
    }
  )
)

# How often to try to create a batch.
max_batch_attempts <- 3

# How many consecutive polls may fail: most of an hour.
max_failed_polls <- 100

# Describes how a batch ended.
batch_end <- function(batch) {
  problem <- batch$errors$data
  switch(batch$status,
    expired = "expired",
    cancelled = "was cancelled",
    failed = paste0(
      "failed", if (length(problem$message)) paste0(": ", problem$message[[1]])
    ),
    "has finished"
  )
}
