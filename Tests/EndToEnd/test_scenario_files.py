"""Scenario files: the shipped ones, their JSON Schema, and what is wrong with bad ones."""

import json

import jsonschema
import pytest

from harness import binary, scenarios

LEAST = {"Name": "a", "Clients": [{"Name": "c"}], "Duration": "1s"}


@pytest.fixture(scope="module")
def schema():
    schema = json.loads(scenarios.SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("name", scenarios.FILES)
def test_shipped_scenarios_satisfy_the_schema(schema, name):
    scenario = scenarios.load(scenarios.FILES[name])
    assert [error.message for error in schema.iter_errors(scenario)] == []
    assert scenario["Name"] == name
    assert scenario["Description"]


def test_the_least(schema, tmp_path):
    schema.validate(LEAST)
    (tmp_path / "least.json").write_text(json.dumps(LEAST))
    assert binary.run("simulate", tmp_path / "least.json").returncode == 0


def with_client(**members):
    return {"Clients": [{"Name": "c", **members}]}


def with_step(step):
    return with_client(Script=[step])


#: One bad change each, and the path that its fault names.
BAD = [
    ({"Name": "No Name"}, "Name"),
    ({"Name": None}, "Name"),
    ({"Duration": 5}, "Duration"),
    ({"Duration": "5 minutes"}, "Duration"),
    ({"Duration": "1m1h"}, "Duration"),
    ({"Liveness": True}, "Liveness"),
    ({"Sped": 1}, "Sped"),
    ({"Clients": {}}, "Clients"),
    ({"Clients": [{}]}, "Clients[0].Name"),
    ({"Clients": [7]}, "Clients[0]"),
    (with_client(Count=0), "Clients[0].Count"),
    (with_client(Count=1.5), "Clients[0].Count"),
    (with_client(Count="1"), "Clients[0].Count"),
    (with_client(Arrive="later"), "Clients[0].Arrive"),
    (with_client(Latency="1ms to"), "Clients[0].Latency"),
    (with_client(Opening="malformed"), "Clients[0].Opening"),
    (with_client(Credential="Header"), "Clients[0].Credential"),
    (with_client(Reconnect={"Jitter": 1}), "Clients[0].Reconnect.Jitter"),
    (with_client(Reconnect=[]), "Clients[0].Reconnect"),
    (with_client(Colour="red"), "Clients[0].Colour"),
    (with_step("Sing"), "Clients[0].Script[0]"),
    (with_step({}), "Clients[0].Script[0]"),
    (with_step({"Wait": "1s", "Close": 1000}), "Clients[0].Script[0]"),
    (with_step({"Close": 999}), "Clients[0].Script[0].Close"),
    (with_step({"Hostile": "rude"}), "Clients[0].Script[0].Hostile"),
    (with_step({"Loop": {"Count": 2}}), "Clients[0].Script[0].Loop.Steps"),
    (with_step({"Loop": {"Steps": [{"Burst": {}}]}}), "Clients[0].Script[0].Loop.Steps[0].Burst.Count"),
    (with_step({"Choose": []}), "Clients[0].Script[0].Choose"),
    (with_step({"Publish": {}}), "Clients[0].Script[0].Publish.Channel"),
    (with_step({"Ask": {"Data": "x"}}), "Clients[0].Script[0].Ask.Data"),
    ({"Keys": [{"Name": "k", "Count": 100001}]}, "Keys[0].Count"),
    ({"Keys": []}, "Keys"),
    ({"Services": [{"Latency": "1ms"}]}, "Services[0].Channel"),
    ({"Services": [{"Channel": "print", "Silent": 1.1}]}, "Services[0].Silent"),
    ({"Faults": {"Delay": -0.1}}, "Faults.Delay"),
    ({"Faults": {"Rain": 0.1}}, "Faults.Rain"),
    ({"Faults": []}, "Faults"),
    ({"Timeline": [{"At": "1s"}]}, "Timeline[0]"),
    ({"Timeline": [{"Restart": {}}]}, "Timeline[0].At"),
    ({"Timeline": [{"At": "1s", "Restart": {}, "Drain": {}}]}, "Timeline[0]"),
    ({"Timeline": [{"At": "1s", "PowerCut": {}}]}, "Timeline[0].PowerCut.For"),
    ({"Timeline": [{"At": "1s", "WallClockJump": "1h"}]}, "Timeline[0].WallClockJump"),
    ({"Timeline": [{"At": "0s", "Reload": {"MaxProtocolErrors": 0}}]}, "Timeline[0].Reload.MaxProtocolErrors"),
    ({"Expectations": [{}]}, "Expectations[0]"),
    ({"Expectations": [{"Total": {"AtMost": 1}}]}, "Expectations[0].Total.Of"),
    ({"Expectations": [{"Total": {"Of": "opened"}}]}, "Expectations[0].Total"),
    ({"Expectations": [{"Total": {"Of": "opened", "AtMost": 1, "AtLeast": 1}}]}, "Expectations[0].Total"),
    ({"Expectations": [{"Total": {"Of": "closed 44", "AtMost": 1}}]}, "Expectations[0].Total.Of"),
    ({"Expectations": [{"Connections": {"States": ["open"], "At": "1s", "AtMost": 1}}]}, "Expectations[0].Connections.States[0]"),
    ({"Expectations": [{"Latency": {"Of": "response", "AtMost": 50}}]}, "Expectations[0].Latency.AtMost"),
    ({"Expectations": [{"Latency": {"Of": "response", "Percentile": 101, "AtMost": "1s"}}]}, "Expectations[0].Latency.Percentile"),
    ({"Expectations": [{"Metric": {"Exactly": 1}}]}, "Expectations[0].Metric.Name"),
    ({"WebSocketServer": {"Port": 65536}}, "WebSocketServer.Port"),
    ({"WebSocketServer": {"Prot": 1}}, "WebSocketServer.Prot"),
    ({"WebSocketServer": {"Delivery": {"AckTimeout": 601}}}, "WebSocketServer.Delivery.AckTimeout"),
    ({"WebSocketServer": {"RateLimits": {"ConnectionsPerAddress": {"Rate": 0}}}}, "WebSocketServer.RateLimits.ConnectionsPerAddress.Rate"),
    ({"WebSocketServer": {"Log": {"Level": "loud"}}}, "WebSocketServer.Log.Level"),
    ({"Seeds": [1, 1]}, "Seeds[1]"),
    ({"Seeds": [-1]}, "Seeds[0]"),
    ({"Seeds": []}, "Seeds"),
    ({"Inputs": ["client"]}, "Inputs[0]"),
    ({"Swarm": "yes"}, "Swarm"),
    ({"StartsAt": "2027-01-01"}, "StartsAt"),
    ({"SampleInterval": "soon"}, "SampleInterval"),
]


@pytest.mark.parametrize(("change", "path"), BAD, ids=[f"{index}-{path}" for index, (_, path) in enumerate(BAD)])
def test_what_the_schema_refuses_the_reader_refuses(schema, tmp_path, change, path):
    scenario = {**LEAST, **change}
    assert list(schema.iter_errors(scenario)), "the schema lets it through"
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(scenario))
    result = binary.run("simulate", file)
    assert result.returncode == 78
    lines = result.stderr.splitlines()
    assert any(line.startswith(f"{path}: ") and "; allowed: " in line for line in lines), result.stderr
    assert result.stdout == ""


def test_every_fault_is_told_at_once(tmp_path):
    scenario = {**LEAST, "Name": "A B", "Seeds": [1, 1], "Faults": {"Delay": 2}, "Sped": 1}
    (tmp_path / "bad.json").write_text(json.dumps(scenario))
    result = binary.run("simulate", tmp_path / "bad.json")
    assert result.returncode == 78
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["Sped", "Name", "Faults.Delay", "Seeds[1]"]


@pytest.mark.parametrize("missing", sorted(LEAST))
def test_what_is_required(schema, tmp_path, missing):
    scenario = {name: value for name, value in LEAST.items() if name != missing}
    assert list(schema.iter_errors(scenario))
    (tmp_path / "bad.json").write_text(json.dumps(scenario))
    result = binary.run("simulate", tmp_path / "bad.json")
    assert (result.returncode, result.stderr.split(":")[0]) == (78, missing)
