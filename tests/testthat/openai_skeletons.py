"""Calls the stateless resources of the local server with openai-python."""

import io
import sys
import zipfile

import openai

client = openai.OpenAI(
    api_key="sk-python", admin_api_key="sk-admin", base_url=sys.argv[1], max_retries=0
)

container = client.containers.create(name="A container")
assert (container.object, container.name) == ("container", "A container"), container
assert client.containers.retrieve("container_7").id == "container_7"
assert len(list(client.containers.list())) == 2
assert client.containers.delete("container_7") is None
assert client.containers.files.content.retrieve("file_1", container_id="container_7").read()

archive = client.skills.content.retrieve("skill_7").read()
assert zipfile.ZipFile(io.BytesIO(archive)).namelist() == ["SKILL.md"]

run = client.evals.runs.retrieve("run_7", eval_id="eval_7")
assert (run.id, run.eval_id, run.object) == ("run_7", "eval_7", "eval.run"), run
assert [job.object for job in client.fine_tuning.jobs.list()] == ["fine_tuning.job"] * 2

agent = client.beta.agents.create(model="gpt-6-luna")
assert (agent.object, agent.model) == ("agent", "gpt-6-luna"), agent
assert client.beta.agents.delete("agent_7").deleted
assert len(list(client.beta.agents.sessions.list())) == 2

# The ways of lists to tell their next page: by a cursor, by a token, by time.
organization = client.admin.organization
assert [group.id for group in organization.groups.list()] == ["group_1", "group_2"]
assert len(list(client.beta.agents.environments.files.list("environment_7"))) == 2
assert list(organization.usage.costs(start_time=0))
project = organization.projects.create(name="A project")
assert (project.object, project.name) == ("organization.project", "A project"), project

try:
    client.post("/containers", body={}, cast_to=object)
except openai.BadRequestError as error:
    assert error.param == "name" and error.code == "missing_required_parameter", error
else:
    raise AssertionError("a container without a name was created")
print("ok")
