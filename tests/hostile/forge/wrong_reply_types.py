# Replies of every wrong type, one after the other: numbers, lists, nothing, unknown kinds.
# %% q1
import itertools
from autograder.kernel import agent
from autograder.wire.frame import Frame
replies = itertools.cycle([
    {}, {"value": {"$": "nothing"}}, {"value": {"$": "array", "buffer": 10**9}}, {"value": {"$": "array", "buffer": -1}},
    {"value": {"$": "model", "ref": "x", "description": [], "weights": {}}}, {"value": {"$": "callable", "ref": []}},
    {"value": {"$": "array", "buffer": 0, "dtype": "|O8", "shape": [3]}}, {"value": {"$": 5}}, {"missing": {"a": 1}}, {"refused": [1]},
    {"error": 5}, {"error": {"name": 5}}, {"error": {"name": "x" * 10**6, "builtins": ["SystemExit", "exit", 7]}}, {"stopped": []},
    {"value": {"$": "set", "items": [[[]]]}}, {"value": {"$": "int", "text": "9" * 10**6}}, {"value": 6.0, "changed": {"\u00b2": 1}},
])
answer = agent.Agent.answer
def forged(self, request):
    return Frame(next(replies)) if request.head.get("op") == "call" else answer(self, request)
agent.Agent.answer = forged
def double(x):
    return x
