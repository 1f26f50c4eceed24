using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sessions.Host;
using Sessions.Host.Configuration;
using Sessions.Run.Supervision;

namespace Sessions.Run.Projects;

/// <summary>
/// <c>./run projects</c>: lists and changes the projects of the running cluster, over the API and with the operator's key.
/// </summary>
internal static class ProjectsCommand
{
    private const string Path = "/api/projects";

    /// <exception cref="ConfigurationException">The cluster refuses what was asked for.</exception>
    /// <exception cref="InvalidOperationException">No cluster runs on the data directory, or it does not answer.</exception>
    public static async Task<int> Run(ProjectsInvocation asked, TextWriter output)
    {
        ReadyFile running = ReadyFile.OfRunning(asked.Data);
        using HttpClient api = new() { BaseAddress = new Uri(running.Gateways[0]) };
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", running.OperatorKey);
        try
        {
            foreach (string line in await Do(asked, api))
            {
                await output.WriteLineAsync(line);
            }

            return ExitCodes.Stopped;
        }
        catch (Exception away) when (away is HttpRequestException or TaskCanceledException or JsonException)
        {
            throw new InvalidOperationException($"the gateway at {running.Gateways[0]} does not answer as expected: {RoleConfiguration.FirstLine(away)}", away);
        }
    }

    private static async Task<IReadOnlyList<string>> Do(ProjectsInvocation asked, HttpClient api)
    {
        string one = $"{Path}/{asked.Id}";
        switch (asked.Action)
        {
            case ProjectsAction.List:
                return Table(await All(api));
            case ProjectsAction.Make:
                return Made(await Send(api, HttpMethod.Post, Path, new { id = asked.Id, name = asked.Name }));
            case ProjectsAction.Rename:
                await Send(api, HttpMethod.Patch, one, new { name = asked.Name });
                return [$"project {asked.Id} is called {asked.Name} now"];
            case ProjectsAction.Archive:
                await Send(api, HttpMethod.Patch, one, new { archived = true });
                return [$"project {asked.Id} takes no more events; everything in it can still be read"];
            case ProjectsAction.Restore:
                await Send(api, HttpMethod.Patch, one, new { archived = false });
                return [$"project {asked.Id} takes events"];
            case ProjectsAction.Delete:
                await Send(api, HttpMethod.Delete, one, new { confirm = asked.Id });
                return [$"project {asked.Id} is being deleted; its token and keys are not valid any more, and its id is free once everything is gone"];
            default:
                throw new NotSupportedException($"No code does {asked.Action} with projects.");
        }
    }

    private static async Task<IReadOnlyList<JsonNode>> All(HttpClient api)
    {
        List<JsonNode> all = [];
        for (string? cursor = ""; cursor is not null;)
        {
            JsonNode page = await Send(api, HttpMethod.Get, $"{Path}?limit=1000&cursor={cursor}", body: null);
            all.AddRange(page["results"]!.AsArray().Select(project => project!));
            cursor = (string?)page["next"];
        }

        return all;
    }

    /// <summary>The name is last, because it may have any letters, also those that run from right to left.</summary>
    private static IReadOnlyList<string> Table(IReadOnlyList<JsonNode> projects)
    {
        int longest = projects.Select(project => ((string)project["id"]!).Length).Append("id".Length).Max();
        return
        [
            $"{"id".PadRight(longest)}  {"made",-10}  {"state",-8}  name",
            .. projects.Select(project => string.Create(
                CultureInfo.InvariantCulture,
                $"{((string)project["id"]!).PadRight(longest)}  {(DateTimeOffset)project["created_at"]!:yyyy-MM-dd}  {State(project),-8}  {(string)project["name"]!}")),
        ];
    }

    private static string State(JsonNode project) => (bool)project["archived"]! ? "archived" : "open";

    private static List<string> Made(JsonNode made)
    {
        List<string> lines =
        [
            $"made project {(string)made["id"]!}",
            $"  project token  {(string)made["token"]!}",
            $"  API key        {(string)made["api_key"]!}",
        ];
        if ((string?)made["postgres_reader"] is { } reader)
        {
            lines.Add($"  SQL login      {reader}");
        }

        lines.Add("the API key and the SQL login are not stored and can't be shown again");
        return lines;
    }

    private static async Task<JsonNode> Send(HttpClient api, HttpMethod method, string path, object? body)
    {
        using HttpRequestMessage request = new(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using HttpResponseMessage answer = await api.SendAsync(request);
        JsonNode? said = await ReadOrNull(answer);
        if (answer.IsSuccessStatusCode && said is not null)
        {
            return said;
        }

        string reason = (string?)said?["detail"] ?? (string?)said?["title"] ?? $"the answer is {(int)answer.StatusCode}";
        throw answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Conflict
            ? new ConfigurationException($"projects: {reason}")
            : new InvalidOperationException($"projects: {reason}");
    }

    private static async Task<JsonNode?> ReadOrNull(HttpResponseMessage answer)
    {
        string text = await answer.Content.ReadAsStringAsync();
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }
}
