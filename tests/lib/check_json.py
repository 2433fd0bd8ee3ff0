"""JSON files named on standard input (NUL between): well formed, no name twice; schemas are schemas, and what has one
keeps it, where python3-jsonschema is installed. Prints what is wrong."""
import json
import sys
from pathlib import Path

try:
    import jsonschema
except ImportError:
    jsonschema = None

# which files a schema of proto/schema is for
GOVERNED = {
    "connector.json": "proto/connectors/*.json",
    "product.json": "agent/watch/products/*.json",
    "config.json": "packaging/systemd/picket.json",
}


def no_name_twice(pairs):
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f'"{name}" stands twice')
    return dict(pairs)


def load(path):
    return json.loads(path.read_text(), object_pairs_hook=no_name_twice)


def schema_of(name):
    for path in (Path("proto/schema") / name, Path("proto/schema") / name.replace(".json", ".schema.json")):
        if path.exists():
            return path


def check_schemas():
    for path in sorted(Path("proto/schema").glob("*.json")):
        schema = load(path)
        jsonschema.validators.validator_for(schema).check_schema(schema)
    for name, files in GOVERNED.items():
        if not (path := schema_of(name)):
            continue
        schema = load(path)
        validator = jsonschema.validators.validator_for(schema)(schema)
        for file in sorted(Path().glob(files)):
            for error in validator.iter_errors(load(file)):
                print(f"{file}: {error.json_path}: {error.message[:200]}")


def main():
    for name in sys.stdin.read().split("\0"):
        if not name or not Path(name).exists():
            continue
        try:
            load(Path(name))
        except ValueError as problem:
            print(f"{name}: {problem}")
    if jsonschema:
        check_schemas()


main()
