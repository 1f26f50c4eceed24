using System.Net;
using System.Net.Http.Json;
using Npgsql;
using Sessions.Host.Configuration;
using Sessions.Run.Projects;
using Sessions.Run.Supervision;
using Sessions.Tests.Web;

namespace Sessions.Tests.Run;

/// <summary><c>./run projects</c>, beside a gateway that runs.</summary>
public sealed class ProjectsCommandTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private const string Strange = "<b>\U0001f6d2</b> \u05d7\u05e0\u05d5\u05ea";

    [Fact]
    public async Task A_project_is_made_listed_renamed_archived_restored_and_deleted()
    {
        using TemporaryDirectory data = Running();
        string id = $"run-{Guid.NewGuid():N}";

        string made = await Run(data, ProjectsAction.Make, id, Strange);
        string token = Value(made, "project token"), key = Value(made, "API key");
        HttpStatusCode taken = await Send(token);
        string listed = await Run(data, ProjectsAction.List);
        string renamed = await Run(data, ProjectsAction.Rename, id, "Shop");
        string archived = await Run(data, ProjectsAction.Archive, id);
        string listedArchived = await Run(data, ProjectsAction.List);
        HttpStatusCode refused = await Send(token);
        string restored = await Run(data, ProjectsAction.Restore, id);
        HttpStatusCode takenAgain = await Send(token);
        string deleted = await Run(data, ProjectsAction.Delete, id);

        Assert.StartsWith($"made project {id}\n", made, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.OK), (taken, refused, takenAgain));
        await using (NpgsqlConnection login = new(Value(made, "SQL login")))
        {
            await login.OpenAsync();
        }

        Assert.Matches($"(?m)^{id} +[0-9-]{{10}}  open      {Strange}$", listed);
        Assert.DoesNotContain(key, listed, StringComparison.Ordinal);
        Assert.Equal($"project {id} is called Shop now\n", renamed);
        Assert.Contains("takes no more events", archived, StringComparison.Ordinal);
        Assert.Matches($"(?m)^{id} +[0-9-]{{10}}  archived  Shop$", listedArchived);
        Assert.Equal($"project {id} takes events\n", restored);
        Assert.Contains("is being deleted", deleted, StringComparison.Ordinal);
        Assert.DoesNotContain(id, await Run(data, ProjectsAction.List), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Make", "default", null, "id must differ")]
    [InlineData("Make", "fine", "\u0007", "name")]
    [InlineData("Rename", "there-is-none", "x", "There is no such project.")]
    [InlineData("Archive", "there-is-none", null, "There is no such project.")]
    [InlineData("Delete", "there-is-none", null, "There is no such project.")]
    [InlineData("Delete", "default", null, "Archive it instead.")]
    public async Task What_the_cluster_refuses_is_a_wrong_argument(string action, string id, string? name, string reason)
    {
        using TemporaryDirectory data = Running();

        ConfigurationException wrong = await Assert.ThrowsAsync<ConfigurationException>(() => Run(data, Enum.Parse<ProjectsAction>(action), id, name));

        Assert.Contains(reason, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_running_cluster_the_command_fails_and_says_so()
    {
        using TemporaryDirectory nobody = new(), gone = Running("http://127.0.0.1:9");

        Assert.Contains("no ./run is active", (await Assert.ThrowsAsync<InvalidOperationException>(() => Run(nobody, ProjectsAction.List))).Message, StringComparison.Ordinal);
        Assert.Contains("does not answer", (await Assert.ThrowsAsync<InvalidOperationException>(() => Run(gone, ProjectsAction.List))).Message, StringComparison.Ordinal);
    }

    private TemporaryDirectory Running(string? address = null)
    {
        TemporaryDirectory data = new();
        new ReadyFile
        {
            Gateways = [address ?? gateway.Address],
            ProjectToken = "",
            ApiKey = "",
            OperatorKey = TestGateway.OperatorKey,
            Postgres = "",
            PostgresReader = "",
            Processes = [],
            Cluster = new ClusterEntry("", "", "", "", "default"),
            Metrics = [],
        }.Write(ReadyFile.In(data.Location));
        return data;
    }

    private static async Task<string> Run(TemporaryDirectory data, ProjectsAction action, string id = "", string? name = null)
    {
        using StringWriter output = new() { NewLine = "\n" };
        Assert.Equal(0, await ProjectsCommand.Run(new ProjectsInvocation { Action = action, Id = id, Name = name, Data = data.Location }, output));
        return output.ToString();
    }

    private static string Value(string said, string name) =>
        said.Split('\n').Single(line => line.TrimStart().StartsWith(name, StringComparison.Ordinal)).Trim()[name.Length..].Trim();

    private async Task<HttpStatusCode> Send(string token)
    {
        using HttpClient sdk = gateway.Program(apiKey: null);
        using HttpResponseMessage answer = await sdk.PostAsJsonAsync("/e/", new { api_key = token, @event = "$pageview", distinct_id = "ann", uuid = Guid.NewGuid() });
        return answer.StatusCode;
    }
}
