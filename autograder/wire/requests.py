"""What the scorer may ask of the kernel, and the forms of objects that stay there.

A request is a frame whose head has `op` and the keys below; the reply's head has `value`, or
`error` (the student's exception), or `missing` (no such name). The kernel's side is
`kernel.agent`, the scorer's is `grade.scorer.standins`; neither trusts the other's form.

| op | keys | reply |
| --- | --- | --- |
| `get` | `name` | value of a global name |
| `read` | `ref` | value of an object kept in the kernel |
| `call` | `ref`, `args`, `kwargs`, `keep` | result (a reference with `keep`); `changed` arrays |
| `attribute` | `ref`, `name` | value |
| `item` | `ref`, `key` | value |
| `length`, `truth`, `text`, `list` | `ref` | value |
| `predict` | `ref`, `args` | predictions of a model that cannot be rebuilt |
| `seed` | `seed`; `offset` once, added to this seed and all later ones | null |
| `bindings` | `names` | identity of what each name is bound to |
| `fits` | | weights and history that each `fit` left, or null |
| `restore` | `fits` | null; from then on `fit` ends as it did then, without training |
| `shared_test` | `source`, `style` | runs a test of an `isolation: shared` question |

Every request may also have `free`: references that the scorer has no more use for.
"""

from __future__ import annotations

COMM_TARGET = "autograder"
REF = "ref"
MODEL = "model"
CALLABLE = "callable"
HANDLE = "handle"
HISTORY = "history"
TENSOR = "tensor"
MAX_LIST = 100_000
MAX_KEPT = 200_000  # objects that a kernel keeps for the scorer at once
MAX_TRACEBACK = 8_000
