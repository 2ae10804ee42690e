#include "model/wire/lines/line_writer.hpp"

namespace lockstep::lines {

void LineWriter::text(const char* name, std::optional<std::string>& value) {
  if (value) written_[name] = *value;
}

void LineWriter::texts(const char* name, wire::OptionalTexts& values) {
  if (!values) return;
  boost::json::array list;
  for (const auto& value : *values) {
    list.push_back(value ? boost::json::value(*value) : boost::json::value(nullptr));
  }
  written_[name] = std::move(list);
}

void LineWriter::number(const char* name, wire::NumberType, std::optional<std::uint64_t>& value) {
  if (value) written_[name] = *value;
}

void LineWriter::numbers(const char* name, wire::NumberType, wire::OptionalNumbers& values) {
  if (values) written_[name] = boost::json::array(values->begin(), values->end());
}

void LineWriter::flag(const char* name, std::optional<bool>& value) {
  if (value) written_[name] = *value;
}

void LineWriter::interval(const char* name, std::optional<std::uint64_t>& seconds) {
  if (seconds) written_[name] = *seconds;
}

void LineWriter::reference(const char* name, const char*, std::optional<std::string>& value) {
  text(name, value);
}

void LineWriter::references(const char* name, const char*, wire::OptionalTexts& values) {
  texts(name, values);
}

void LineWriter::settings(const char* name, const char*,
                          std::optional<SettingDataParameter>& value) {
  if (!value) return;
  if (auto* data = std::get_if<ReplicationSettingData>(&*value)) {
    LineWriter inner;
    wire::properties(inner, *data);
    written_[name] = std::move(inner.written_);
  } else {
    written_[name] = std::get<std::string>(*value);
  }
}

void LineWriter::status(const char* name, const char*, std::optional<ExtendedStatus>& value) {
  if (!value) return;
  LineWriter inner;
  wire::properties(inner, *value);
  written_[name] = std::move(inner.written_);
}

}  // namespace lockstep::lines
