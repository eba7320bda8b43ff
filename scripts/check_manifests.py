"""Checks manifests of Kubernetes: kinds of Kubernetes itself against its published schemas, custom resources against the OpenAPI schemas of
their definitions, both strictly, so that a field that the schema does not have is an error, as with `kubectl apply --validate=strict`.
What it cannot see are rules between fields; scripts/test_kubernetes.sh asks a real API server.

    check_manifests.py --kubernetes 1.35.0 --crd FILE... [--mutate] MANIFEST...

--mutate: every field of every manifest, misspelled, must be refused too, or the check itself is wrong.
"""

import argparse
import copy
import re
import sys

import jsonschema
import kubernetes_validate
import yaml

# Objects with keys that are free to choose: here a misspelling is another key.
FREE = {"labels", "annotations", "requests", "limits", "selector", "mpiReplicaSpecs"}
# Of a plain object of type metadata in a definition the API server knows these.
METADATA = {key: {} for key in ("name", "generateName", "namespace", "labels", "annotations", "finalizers")}
# Keywords that mean the same in OpenAPI and in JSON schema.
SAME = {"type", "enum", "pattern", "required", "minItems", "maxItems", "minimum", "maximum", "minLength", "maxLength"}
# A line that a comment turns on: `# suspend: true # with Kueue...`.
KUEUE = re.compile(r"^( *)# (.*) # with Kueue.*$", re.MULTILINE)


def load(text):
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def documents(text):
    return [d for d in yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) if d is not None]


def strict(schema, name=""):
    """JSON schema of an OpenAPI schema of a definition: fields that are not in it are refused."""
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"], **{k: schema[k] for k in ("pattern",) if k in schema}}
    out = {k: v for k, v in schema.items() if k in SAME}
    if schema.get("nullable"):
        out["type"] = [schema["type"], "null"]
    if "items" in schema:
        out["items"] = strict(schema["items"])
    if schema.get("type") != "object":
        return out
    properties = schema.get("properties", METADATA if name == "metadata" else {})
    out["properties"] = {k: strict(v, k) for k, v in properties.items()}
    extra = schema.get("additionalProperties")
    if not schema.get("x-kubernetes-preserve-unknown-fields"):
        out["additionalProperties"] = strict(extra) if isinstance(extra, dict) else bool(extra)
    return out


def definitions(files):
    """Validators by (apiVersion, kind)."""
    found = {}
    for file in files:
        with open(file, encoding="utf-8") as f:
            crd = load(f)["spec"]
        for version in crd["versions"]:
            schema = strict(version["schema"]["openAPIV3Schema"])
            found[f"{crd['group']}/{version['name']}", crd["names"]["kind"]] = jsonschema.Draft202012Validator(schema)
    return found


def within(value, key):
    """All values of that field anywhere in a document."""
    if isinstance(value, list):
        for v in value:
            yield from within(v, key)
    elif isinstance(value, dict):
        if key in value:
            yield value[key]
        for v in value.values():
            yield from within(v, key)


def rank_counts(document):
    """Every number of ranks that a document states."""
    for key in ("completions", "parallelism"):
        yield from within(document, key)
    for env in within(document, "env"):
        yield from (int(e["value"]) for e in env if e["name"] == "UDML_RANKS")
    for trainer in within(document, "trainer"):
        yield trainer["numNodes"]
    if document["kind"] == "MPIJob":
        yield document["spec"]["mpiReplicaSpecs"]["Worker"]["replicas"]
    for args in within(document, "args"):
        yield from (int(args[i + 1]) for i, a in enumerate(args) if a in ("-np", "--shards"))


def contradictions(all_documents):
    """What manifests say differently that should be the same: the number of ranks of one, and what exit codes mean in all."""
    for name, d in all_documents:
        if len(counts := set(rank_counts(d))) > 1:
            yield f"{name}: {d['kind']} states {sorted(counts)} ranks"
    policies = {}
    for name, d in all_documents:
        for policy in within(d, "podFailurePolicy"):
            # Code 6, another rank is gone, is not there where there is one process.
            rules = [r for r in policy["rules"] if r["action"] != "Count"]
            policies.setdefault(re.sub(r"'containerName': '\w+'", "", str(rules)), name)
        for seconds in within(d, "terminationGracePeriodSeconds"):
            if seconds != 120:
                yield f"{name}: terminationGracePeriodSeconds is {seconds}, in others 120"
    if len(policies) > 1:
        yield f"podFailurePolicy differs between {' and '.join(policies.values())}"


class Checker:
    def __init__(self, version, crds):
        self.version, self.crds, self.core = version, definitions(crds), {}

    def fault(self, document):
        """What is wrong with a document; "" if nothing is."""
        kind = (document.get("apiVersion"), document.get("kind"))
        try:
            if kind in self.crds:
                self.crds[kind].validate(document)
            else:
                kubernetes_validate.validate(document, self.version, strict=True)
        except (jsonschema.ValidationError, kubernetes_validate.ValidationError) as e:
            return f"{'.'.join(map(str, e.absolute_path))}: {e.message[:300]}"
        except (kubernetes_validate.SchemaNotFoundError, KeyError, AttributeError) as e:
            return f"no schema for {kind}: {e}"
        return ""


def mutations(value, path=()):
    """Paths of all fields whose names are not free to choose."""
    if isinstance(value, list):
        for i, v in enumerate(value):
            yield from mutations(v, (*path, i))
    elif isinstance(value, dict):
        for key, v in value.items():
            if not path or path[-1] not in FREE:
                yield (*path, key)
            yield from mutations(v, (*path, key))


def misspelled(document, path):
    """The document with two letters of that field exchanged, or one added where that changes nothing."""
    document = copy.deepcopy(document)
    at = document
    for step in path[:-1]:
        at = at[step]
    key = path[-1]
    wrong = key[:-2] + key[-1] + key[-2]
    at[wrong if wrong not in at else key + "s"] = at.pop(key)
    return document


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--kubernetes", required=True)
    p.add_argument("--crd", nargs="+", default=[])
    p.add_argument("--mutate", action="store_true")
    p.add_argument("manifest", nargs="+")
    a = p.parse_args()
    checker = Checker(a.kubernetes, a.crd)
    faults, checked, refused, found = [], 0, 0, []
    for name in a.manifest:
        with open(name, encoding="utf-8") as f:
            text = f.read()
        with_kueue = KUEUE.sub(r"\1\2", text)
        for variant in {text, with_kueue}:
            for d in documents(variant):
                checked += 1
                if fault := checker.fault(d):
                    faults.append(f"{name}: {d.get('kind')}: {fault}")
        found += [(name, d) for d in documents(with_kueue)]
        for d in documents(with_kueue) if a.mutate else []:
            for path in mutations(d):
                refused += 1
                if not checker.fault(misspelled(d, path)):
                    faults.append(f"{name}: {d.get('kind')}: {'.'.join(map(str, path))} is accepted when it is misspelled")
    faults += contradictions(found)
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{checked} documents checked, {refused} misspelled ones")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
