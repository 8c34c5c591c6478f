#include "CSimdjson.h"

#include <simdjson.h>

#include <string>

using namespace simdjson;

struct csimdjson_parser {
    // The depth is above the scanner's own bound, so that the bound is seen as a difference.
    csimdjson_parser() { (void)parser.allocate(1 << 16, 4096); }
    dom::parser parser;
    padded_string padded;
    std::string description;
};

static void describe(dom::element element, std::string &out);

static void describe_text(std::string_view text, std::string &out) {
    out += 's';
    out += std::to_string(text.size());
    out += ':';
    out += text;
}

static void describe(dom::element element, std::string &out) {
    switch (element.type()) {
    case dom::element_type::OBJECT:
        out += '{';
        for (auto field : dom::object(element)) {
            describe_text(field.key, out);
            describe(field.value, out);
        }
        out += '}';
        break;
    case dom::element_type::ARRAY:
        out += '[';
        for (auto child : dom::array(element)) describe(child, out);
        out += ']';
        break;
    case dom::element_type::STRING: describe_text(std::string_view(element), out); break;
    case dom::element_type::INT64:
        out += 'i';
        out += std::to_string(int64_t(element));
        out += ';';
        break;
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE: out += 'd'; break;
    case dom::element_type::BOOL: out += bool(element) ? 't' : 'f'; break;
    case dom::element_type::NULL_VALUE: out += 'n'; break;
    }
}

extern "C" {

csimdjson_parser *csimdjson_make(void) { return new csimdjson_parser; }

int csimdjson_parse(csimdjson_parser *parser, const uint8_t *bytes, size_t count) {
    parser->padded = padded_string(reinterpret_cast<const char *>(bytes), count);
    dom::element element;
    auto error = parser->parser.parse(parser->padded).get(element);
    if (error) return int(error);
    parser->description.clear();
    describe(element, parser->description);
    return 0;
}

const uint8_t *csimdjson_description(const csimdjson_parser *parser, size_t *count) {
    *count = parser->description.size();
    return reinterpret_cast<const uint8_t *>(parser->description.data());
}

const char *csimdjson_error_text(int error) { return error_message(error_code(error)); }

int csimdjson_number_error(void) { return int(NUMBER_ERROR); }
}
