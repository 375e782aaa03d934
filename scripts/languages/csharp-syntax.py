"""Parses C# sources: fails for the first syntax error, and for a name in the last folder that the first folder's package does not have."""
import pathlib
import sys

import tree_sitter
import tree_sitter_c_sharp

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c_sharp.language()))


def parse(path: pathlib.Path) -> tree_sitter.Tree:
    tree = PARSER.parse(path.read_bytes())
    if tree.root_node.has_error:
        wrong = next(node for node in walk(tree.root_node) if node.is_error or node.is_missing)
        sys.exit(f"{path}:{wrong.start_point[0] + 1}:{wrong.start_point[1] + 1}: not C#: {wrong.text[:60].decode()}")
    return tree


def walk(node: tree_sitter.Node):
    yield node
    for child in node.children:
        yield from walk(child)


def text(node: tree_sitter.Node) -> str:
    return node.text.decode()


def declared(trees) -> dict[str, set[str]]:
    """Members by type, of the package."""
    members: dict[str, set[str]] = {}
    for tree in trees:
        for node in walk(tree.root_node):
            if node.type in ("class_declaration", "interface_declaration", "enum_declaration"):
                own = members.setdefault(text(node.child_by_field_name("name")), set())
                body = node.child_by_field_name("body")
                for member in body.children if body else []:
                    name = member.child_by_field_name("name")
                    if name is not None:
                        own.add(text(name))
    return members


def used(tree) -> list[tuple[str, str]]:
    """`new Type { Member = ... }` and `Type.Member`."""
    pairs = []
    for node in walk(tree.root_node):
        if node.type == "object_creation_expression" and node.child_by_field_name("initializer") is not None:
            for assignment in node.child_by_field_name("initializer").named_children:
                if assignment.type == "assignment_expression":
                    pairs.append((text(node.child_by_field_name("type")), text(assignment.child_by_field_name("left"))))
        if node.type == "member_access_expression" and node.child_by_field_name("expression").type == "identifier":
            pairs.append((text(node.child_by_field_name("expression")), text(node.child_by_field_name("name"))))
    return pairs


generated, example = ([(path, parse(path)) for path in sorted(pathlib.Path(folder).rglob("*.cs"))] for folder in sys.argv[1:3])
members = declared(tree for _, tree in generated)
checked = 0
for path, tree in example:
    for name, member in used(tree):
        if name in members:
            checked += 1
            if member not in members[name]:
                sys.exit(f"{path}: {name} has no {member}")
if not generated or not checked:
    sys.exit(f"nothing was checked: {len(generated)} files, {checked} names")
print(f"{len(generated)} generated files and {len(example)} of the example are C#, and all {checked} names that the example takes from the package are there")
