#include "model/wire/elements.hpp"
#include "model/wire/message.hpp"

namespace lockstep::wire {
namespace {

// What stands around every message.
void begin(Writer& out, const std::string& id, std::string_view kind) {
  out.declare();
  out.open("CIM").attribute("CIMVERSION", "2.0").attribute("DTDVERSION", "2.0").content();
  out.open("MESSAGE").attribute("ID", id).attribute("PROTOCOLVERSION", "1.0").content();
  out.open(kind).content();
}

void end(Writer& out, std::string_view kind) { out.close(kind).close("MESSAGE").close("CIM"); }

void parameter_value(Writer& out, const Named& parameter) {
  out.open("PARAMVALUE").attribute("NAME", parameter.name);
  if (!parameter.value) {
    out.empty();
    return;
  }
  const Value& value = *parameter.value;
  if (!value.type.empty()) out.attribute("PARAMTYPE", value.type);
  if (!value.embedded.empty()) out.attribute("EmbeddedObject", value.embedded);
  out.content();
  out.value(value);
  out.close("PARAMVALUE");
}

void intrinsic_parameter(Writer& out, const Named& parameter) {
  if (!parameter.value) return;
  out.open("IPARAMVALUE").attribute("NAME", parameter.name).content();
  const Value& value = *parameter.value;
  const auto* path = !value.array && value.items.size() == 1
                         ? std::get_if<ObjectPath>(&value.items.front())
                         : nullptr;
  if (path == nullptr) {
    out.value(value);
  } else if (path->names_instance()) {
    out.instance_name(*path);
  } else {
    out.class_name(path->class_name);
  }
  out.close("IPARAMVALUE");
}

void error_element(Writer& out, const CimError& error) {
  out.open("ERROR").attribute("CODE", std::to_string(error.code));
  out.attribute("DESCRIPTION", error.description).empty();
}

void with_path(Writer& out, std::string_view element, const PathInstance& found) {
  out.open(element).content();
  out.full_path(found.path);
  out.instance(found.instance);
  out.close(element);
}

void returned_instances(Writer& out, const Reply& reply, ReturnShape shape) {
  for (const PathInstance& found : reply.instances) {
    switch (shape) {
      case ReturnShape::Instance:
        out.instance(found.instance);
        break;
      case ReturnShape::NamedInstances:
        out.open("VALUE.NAMEDINSTANCE").content();
        out.instance_name(found.path);
        out.instance(found.instance);
        out.close("VALUE.NAMEDINSTANCE");
        break;
      case ReturnShape::InstancesWithPath:
        with_path(out, "VALUE.INSTANCEWITHPATH", found);
        break;
      default:
        with_path(out, "VALUE.OBJECTWITHPATH", found);
    }
  }
}

void returned_paths(Writer& out, const Reply& reply, ReturnShape shape) {
  for (const ObjectPath& path : reply.paths) {
    if (shape == ReturnShape::ClassNames) {
      out.class_name(path.class_name);
    } else if (shape == ReturnShape::InstanceNames) {
      out.instance_name(path);
    } else if (shape == ReturnShape::ObjectPaths) {
      out.open("OBJECTPATH").content();
      out.full_path(path);
      out.close("OBJECTPATH");
    } else {
      out.full_path(path);
    }
  }
}

void intrinsic_reply(Writer& out, const Reply& reply, ReturnShape shape) {
  out.open("IMETHODRESPONSE").attribute("NAME", reply.name).content();
  if (reply.error) {
    error_element(out, *reply.error);
  } else {
    if (shape != ReturnShape::Nothing) {
      out.open("IRETURNVALUE").content();
      returned_instances(out, reply, shape);
      returned_paths(out, reply, shape);
      for (const ClassDeclaration& declared : reply.classes) out.declaration(declared);
      out.close("IRETURNVALUE");
    }
    for (const Named& parameter : reply.out) parameter_value(out, parameter);
  }
  out.close("IMETHODRESPONSE");
}

void extrinsic_reply(Writer& out, const Reply& reply) {
  out.open("METHODRESPONSE").attribute("NAME", reply.name).content();
  if (reply.error) {
    error_element(out, *reply.error);
  } else {
    if (reply.return_value) {
      out.open("RETURNVALUE").attribute("PARAMTYPE", reply.return_value->type).content();
      out.value(*reply.return_value);
      out.close("RETURNVALUE");
    }
    for (const Named& parameter : reply.out) parameter_value(out, parameter);
  }
  out.close("METHODRESPONSE");
}

}  // namespace

Result<std::string> write_call(const Call& call) {
  Writer out;
  begin(out, call.message_id, "SIMPLEREQ");
  if (call.intrinsic) {
    out.open("IMETHODCALL").attribute("NAME", call.name).content();
    out.local_namespace(call.target.name_space);
    for (const Named& parameter : call.parameters) intrinsic_parameter(out, parameter);
    out.close("IMETHODCALL");
  } else {
    out.open("METHODCALL").attribute("NAME", call.name).content();
    ObjectPath local = call.target;
    local.host.clear();
    out.full_path(local);
    for (const Named& parameter : call.parameters) {
      if (parameter.value) parameter_value(out, parameter);
    }
    out.close("METHODCALL");
  }
  end(out, "SIMPLEREQ");
  return out.finish();
}

Result<std::string> write_reply(const Reply& reply, ReturnShape shape) {
  Writer out;
  begin(out, reply.message_id, "SIMPLERSP");
  if (reply.intrinsic) {
    intrinsic_reply(out, reply, shape);
  } else {
    extrinsic_reply(out, reply);
  }
  end(out, "SIMPLERSP");
  return out.finish();
}

Result<std::string> write_embedded(const Instance& instance) {
  Writer out;
  out.instance(instance);
  return out.finish();
}

}  // namespace lockstep::wire
