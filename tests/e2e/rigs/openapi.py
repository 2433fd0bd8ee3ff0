"""A vendor's API description made fit for judging requests with Prism.

Prism checks less than it seems to: a body whose schema its validator cannot compile is let through
without a word, a large recursive schema keeps it from starting at all, names that a schema does not
mention are allowed unless it says otherwise. So a copy is judged against, in which

- only the operations that matter are kept, with their JSON bodies, and of the answers only the codes that
  mean success (with a declared 400 Prism answers that one and does not say what was wrong);
- schemas are followed to a given depth, below which anything goes: no recursion is left;
- what does not compile is put right: `nullable` without `type`, `nullable` beside an enum that lists null,
  `required: true` at a property, words beside a `$ref`, formats that are not JSON Schema's;
- objects are closed, so that a misspelt name is a violation;
- names may be spelt in either case where the vendor takes both (its file says CompanyID, its wire companyID);
- schemas that are known to be wrong can be named, and allow anything.
"""
import copy
from urllib.parse import unquote

KEPT = ("openapi", "swagger", "info", "servers", "host", "basePath", "schemes", "consumes", "produces", "security",
        "securityDefinitions")
KNOWN_FORMATS = {"date-time", "date", "time", "uri", "email", "uuid", "int32", "int64", "float", "double", "byte",
                 "binary", "password"}


def judging_copy(document, keep, depth=2, either_case=False, wrong=()):
    """`keep`: pairs like ("post", "/Tickets"), each of which must be in the document.
    `wrong`: names of schemas not to be believed."""
    bodies = Bodies(document, depth, either_case, wrong)
    paths = {}
    for method, path in keep:
        item = document["paths"][path]
        shared = [parameter(p, bodies) for p in item.get("parameters", [])]
        paths.setdefault(path, {"parameters": shared})[method] = operation(item[method], bodies)
    out = {k: copy.deepcopy(v) for k, v in document.items() if k in KEPT}
    out["paths"] = paths
    if "swagger" in document:
        out["definitions"] = bodies.made
    else:
        security = document.get("components", {}).get("securitySchemes", {})
        out["components"] = {"securitySchemes": copy.deepcopy(security), "schemas": bodies.made}
    return out


def query_names(document, method, path):
    """The query parameters that an operation of the document knows."""
    item = document["paths"][path]
    known = item.get("parameters", []) + item[method].get("parameters", [])
    return {p["name"] for p in known if p["in"] == "query"}


def template_of(document, method, path):
    """The document's own path for one on the wire; None if it has none with this method."""
    fitting = [t for t, item in document["paths"].items() if method in item and same_path(t, path, str)]
    return min(fitting, key=lambda t: t.count("{"), default=None)


def respelled(document, path):
    """A path with the fixed parts as the document spells them, for servers to which case is the same."""
    template = next((t for t in document["paths"] if same_path(t, path, str.lower)), None)
    if not template:
        return path
    return "/".join(mine if "{" in theirs else theirs for theirs, mine in zip(template.split("/"), path.split("/")))


def same_path(template, path, fold):
    theirs, mine = template.split("/"), path.split("/")
    return len(theirs) == len(mine) and all("{" in t or fold(t) == fold(m) for t, m in zip(theirs, mine))


def operation(original, bodies):
    kept = {k: copy.deepcopy(original[k]) for k in ("consumes", "produces", "security") if k in original}
    codes = [c for c in original["responses"] if c.startswith("2")] or ["200"]
    kept["responses"] = {code: {"description": "done"} for code in codes}
    kept["parameters"] = [parameter(p, bodies) for p in original.get("parameters", [])]
    if "requestBody" in original:
        kept["requestBody"] = request_body(bodies.resolved(original["requestBody"])["content"], bodies)
    return kept


def request_body(content, bodies):
    """Its JSON form where it has one, else all forms, unjudged. None of these operations means anything
    without its body, though few files say so."""
    kind = next((k for k in content if k.split(";")[0] == "application/json"), None)
    fitted = {"application/json": {"schema": bodies.fit(content[kind]["schema"], 0)}} if kind else {k: {} for k in content}
    return {"required": True, "content": fitted}


def parameter(original, bodies):
    fitted = {k: copy.deepcopy(v) for k, v in bodies.resolved(original).items() if not k.startswith("x-")}
    if "schema" in fitted:
        fitted["schema"] = bodies.fit(fitted["schema"], 0)
    return fitted


class Bodies:
    """Schemas of request bodies, rewritten; each named one becomes one copy for each depth it is met at."""

    def __init__(self, document, depth, either_case, wrong):
        self.depth, self.either_case, self.wrong = depth, either_case, wrong
        self.document = document
        self.named = document.get("definitions") or document.get("components", {}).get("schemas", {})
        self.made = {}
        self.prefix = "#/definitions/" if "swagger" in document else "#/components/schemas/"

    def resolved(self, node):
        """A parameter or body that may be a reference to one kept elsewhere in the document."""
        if "$ref" not in node:
            return node
        target = self.document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return target

    def fit(self, schema, depth, close=True):
        """A copy to judge with. Parts of an allOf stay open: each of them sees the others' names, too."""
        if "$ref" in schema:
            return self._reference(unquote(schema["$ref"].rsplit("/", 1)[1]), depth, close)
        fitted = put_right(dict(schema))
        for word in ("items", "additionalProperties"):
            if isinstance(fitted.get(word), dict):
                fitted[word] = self.fit(fitted[word], depth)
        for word in ("allOf", "anyOf", "oneOf"):
            if word in fitted:
                fitted[word] = [self.fit(part, depth, close and word != "allOf") for part in fitted[word]]
        if "properties" in fitted:
            self._fit_object(fitted, depth, close and "allOf" not in fitted)
        return fitted

    def _fit_object(self, fitted, depth, close):
        properties = {name: self.fit(part, depth) for name, part in fitted["properties"].items()}
        if self.either_case:
            properties.update({camel(name): part for name, part in list(properties.items())})
        fitted["properties"] = properties
        if close:
            fitted.setdefault("additionalProperties", False)

    def _reference(self, name, depth, close):
        if depth > self.depth or name in self.wrong:
            return {}
        new = f"{name}.{depth}" if close else f"{name}.{depth}.open"
        if new not in self.made:
            self.made[new] = {}                     # before its parts, which may refer back to it
            self.made[new] = self.fit(self.named[name], depth + 1, close)
        return {"$ref": self.prefix + new}


def put_right(schema):
    """What the validator does not compile, or would wrongly refuse; see the top of the file."""
    if "type" not in schema:
        schema.pop("nullable", None)                # without a type null is allowed anyway
    if schema.get("nullable") and "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    if not isinstance(schema.get("required", []), list):
        del schema["required"]                      # of a parameter, written at a property
    if schema.get("format") not in KNOWN_FORMATS:
        schema.pop("format", None)
    return schema


def camel(name):
    """As .NET's serializer writes it: ID -> id, CompanyID -> companyID, RMAStatus -> rmaStatus."""
    head = 0
    while head < len(name) and name[head].isupper():
        if head and name[head + 1:head + 2].islower():
            break                                   # the S of RMAStatus begins a word
        head += 1
    return name[:head].lower() + name[head:]
