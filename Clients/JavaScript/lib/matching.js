/** Whether an action is of a topic: `*` stands for one segment, `**` as the last for one or more. */
export function matchesTopic(topic, action) {
  const wanted = topic.split(".");
  const given = action.split(".");
  for (const [index, segment] of wanted.entries()) {
    if (index >= given.length) return false;
    if (segment === "**") return true;
    if (segment !== "*" && segment !== given[index]) return false;
  }
  return wanted.length === given.length;
}

/** Whether data pass a filter, as the protocol defines it. */
export function matchesFilter(filter, data) {
  return Object.entries(filter).every(([name, condition]) => {
    const isThere = Object.hasOwn(data, name);
    const operators = isObject(condition) ? condition : { eq: condition };
    return Object.entries(operators).every(([operator, operand]) => holds(operator, operand, isThere, data[name]));
  });
}

function holds(operator, operand, isThere, value) {
  if (operator === "exists") return operand === isThere;
  if (!isThere) return operator === "ne";
  switch (operator) {
    case "eq": return areEqual(value, operand);
    case "ne": return !areEqual(value, operand);
    case "in": return operand.some((one) => areEqual(value, one));
    case "lt": return order(value, operand) < 0;
    case "lte": return order(value, operand) <= 0;
    case "gt": return order(value, operand) > 0;
    case "gte": return order(value, operand) >= 0;
    default: return false;
  }
}

/** Numbers with numbers, strings with strings by code point; NaN, which never holds, for anything else. */
function order(left, right) {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left !== "string" || typeof right !== "string") return NaN;
  const [mine, theirs] = [[...left], [...right]];
  for (const [index, character] of mine.entries()) {
    if (index >= theirs.length) return 1;
    const difference = character.codePointAt(0) - theirs[index].codePointAt(0);
    if (difference !== 0) return difference;
  }
  return mine.length - theirs.length;
}

function areEqual(left, right) {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((one, index) => areEqual(one, right[index]));
  }
  if (isObject(left) && isObject(right)) {
    const names = Object.keys(left);
    return names.length === Object.keys(right).length
      && names.every((name) => Object.hasOwn(right, name) && areEqual(left[name], right[name]));
  }
  return left === right;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
