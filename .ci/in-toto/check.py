"""Reads an in-toto statement from stdin as the project's own library does, and prints the result that it attests."""

import json
import sys

from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement

text = sys.stdin.read()
statement = json_format.Parse(text, statement_pb2.Statement())
Statement.copy_from_pb(statement).validate()
predicate = json_format.MessageToJson(statement.predicate)
# Strict: a member that the predicate does not know is an error.
result = json_format.Parse(predicate, test_result_pb2.TestResult())
for descriptor in result.configuration:
    if not (descriptor.name or descriptor.uri or descriptor.digest or descriptor.content):
        raise ValueError("a configuration says nothing")
print(json.dumps([result.result, len(statement.subject)]))
