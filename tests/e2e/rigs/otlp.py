"""OTLP requests held against the published .proto files, and read.

    schema = otlp.Schema()                      # skips where the files cannot be had
    request = schema.read(body, "application/x-protobuf")   # raises for whatever the files do not know
    for p in otlp.points(request): p.name, p.attrs, p.time_s, p.value

The files come from an npm package of the OpenTelemetry project (the last of its kind that carries them as text), and are
compiled by protoc. JSON is held against OTLP's own mapping as well: 64-bit numbers as text, enums as numbers.
"""
import base64
import json
import subprocess
from typing import NamedTuple

from . import need

PACKAGE = "@opentelemetry/otlp-grpc-exporter-base@0.35.0"
SERVICE = "opentelemetry/proto/collector/metrics/v1/metrics_service.proto"
SERVICE_REQUEST = "opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest"
PROTOBUF, JSON = "application/x-protobuf", "application/json"


class Point(NamedTuple):
    name: str
    unit: str
    kind: str               # "gauge", "sum"
    attrs: dict
    start_s: float          # 0: not said
    time_s: float
    value: float


class Schema:
    def __init__(self):
        need.apt("protobuf-compiler", "python3-protobuf")
        from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
        files = descriptor_pb2.FileDescriptorSet()
        files.ParseFromString((protos() / "set.bin").read_bytes())
        pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            pool.Add(file)
        factory = message_factory.MessageFactory(pool)
        self.json_format = json_format
        self.request = factory.GetPrototype(pool.FindMessageTypeByName(SERVICE_REQUEST))

    def read(self, body, content_type):
        """The request; ValueError for what the files do not allow."""
        message = self.request()
        if content_type == PROTOBUF:
            message.ParseFromString(body)
            refuse_unknown(message)
            if len(message.SerializeToString()) != len(body):
                raise ValueError("something in it is not as protoc would write it")
        elif content_type == JSON:
            refuse_mapping(json.loads(body))
            self.json_format.Parse(body.decode(), message, ignore_unknown_fields=False)
        else:
            raise ValueError(f"unknown content type {content_type}")
        return message


def partial(rejected, why, content_type):
    """The body of a 200 that rejects some points (below 128). By hand: those files are older than this message, which is
    field 1 of the answer: 1 rejected_data_points, 2 error_message."""
    if content_type == JSON:
        return json.dumps({"partialSuccess": {"rejectedDataPoints": str(rejected), "errorMessage": why}}).encode()
    inner = bytes([0x08, rejected, 0x12, len(why)]) + why.encode()
    return bytes([0x0a, len(inner)]) + inner


def refuse_unknown(message, path=""):
    for field in message.UnknownFields():
        raise ValueError(f"{path or 'the request'} has field {field.field_number}, which the files do not know")
    for field, value in message.ListFields():
        if field.message_type:
            many = value if field.label == field.LABEL_REPEATED else [value]
            for one in many:
                refuse_unknown(one, f"{path}.{field.name}")


def refuse_mapping(value, key=""):
    """Where OTLP's JSON is stricter than what protobuf's own reader takes."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if "_" in name:
                raise ValueError(f"{name}: keys are lowerCamelCase")
            refuse_mapping(inner, name)
    elif isinstance(value, list):
        for inner in value:
            refuse_mapping(inner, key)
    elif key.endswith("UnixNano") and not (isinstance(value, str) and value.isdigit()):
        raise ValueError(f"{key} is {value!r}: 64-bit numbers are text")
    elif key == "aggregationTemporality" and not isinstance(value, int):
        raise ValueError(f"{key} is {value!r}: enums are numbers")
    elif key == "asDouble" and value is None:
        raise ValueError("asDouble is null")


def attrs(pairs):
    return {pair.key: pair.value.string_value for pair in pairs}


def resource(request):
    return attrs(request.resource_metrics[0].resource.attributes)


def points(request):
    for whole in request.resource_metrics:
        for scope in whole.scope_metrics:
            for metric in scope.metrics:
                kind = metric.WhichOneof("data")
                for p in getattr(metric, kind).data_points:
                    yield Point(metric.name, metric.unit, kind, attrs(p.attributes), p.start_time_unix_nano / 1e9,
                                p.time_unix_nano / 1e9, p.as_double)


def protos():
    def make(folder):
        need.say(f"fetching {PACKAGE} by npm")
        done = subprocess.run([need.program("npm"), "pack", "--silent", "--pack-destination", folder, PACKAGE],
                              capture_output=True, text=True, cwd=folder)
        if done.returncode:
            raise need.Skip(f"npm cannot fetch {PACKAGE}: {done.stderr.strip()[-300:]}")
        for archive in folder.glob("*.tgz"):
            subprocess.run(["tar", "-xzf", archive, "-C", folder], check=True)
        root = folder / "package/build/protos"
        subprocess.run([need.program("protoc"), f"--proto_path={root}", "--include_imports",
                        f"--descriptor_set_out={folder / 'set.bin'}", SERVICE], check=True)
    need.apt("protobuf-compiler")
    return need.cached(f"otlp-{need.key(PACKAGE, SERVICE)}", make)


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
