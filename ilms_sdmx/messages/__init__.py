"""SDMX data messages: every format read and written without loss.

Begin with `read` and `read_batches` (module `reading`) and with `write` (module `writing`); the
format is recognised from content.

How a format plugs in
---------------------
A **reader** is a function `(source: Source, given: Given) -> Reading`, named in
`dispatch.READERS` under its family (`sdmx-ml`, `sdmx-json`, `sdmx-csv`).

* `Source` (module `opening`) is already unpacked; `source.utf8(declared)` gives UTF-8 whatever
  the encoding.
* `Reading` (module `batches`) has `header` and `format` (the exact name, `sdmx-csv-2.0`) from
  the start, and gives `Batch` after `Batch` when iterated: a `pyarrow.Table` of strings or
  dictionaries of strings, null for absent, `""` for reported empty, with the components known
  so far. 25 to 100 thousand rows a batch are right; the driver cuts them smaller where asked. A
  data set without rows gives one batch without rows.
* `given.components(dataflow, structure, provision)` are the roles of a data set that refers to
  these; a column they lack becomes a `Finding` (`unknown-component`) in `Reading.findings` and
  is kept as an observation attribute: no figure is lost. Where they are None, what the format
  does not tell is inferred and a note `inferred-components` says so.
* A component with several values or languages is listed in `Components.composite`, cells packed
  by `values.pack`.
* Attributes of the data set, of series and groups are repeated in the rows they concern; those
  of a series or group without observations go to `Batch.attached`.

A **writer** is a function `(job: Job) -> None`, named in `dispatch.WRITERS` under each of its
formats. The stream of the job is a temporary file or packed already; the writer only writes,
and raises `MessageError` for what the format cannot carry. `job.sets` are data sets, each an
iterator of batches (`Dataset`): write as they come, so that a file larger than memory can be
converted.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
