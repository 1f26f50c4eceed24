using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Domain;
using Sessions.Domain.Persons;
using Sessions.Gateway.Access;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api.Persons;

/// <summary>What is stored of a person, as a whole: looked up, taken along, deleted.</summary>
internal static class PersonEndpoints
{
    public static void MapPersons(this IEndpointRouteBuilder api)
    {
        api.MapGet("/persons", Get).WithName("GetPerson").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("What is stored of the person that has a distinct id: all their ids, and how many sessions, events and replays.")
            .Answers("Person", StatusCodes.Status403Forbidden);
        api.MapGet("/persons/deletions", List).WithName("ListPersonDeletions").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("The project's deletions of persons, the latest first; with distinct_id those that were asked for by it.")
            .Answers("DeletionPage", StatusCodes.Status403Forbidden);
        api.MapGet("/persons/deletions/{id}", GetDeletion).WithName("GetPersonDeletion").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("How far a deletion is.")
            .Answers("Deletion", StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound);
        api.MapGet("/persons/{distinct_id}/export", ExportByPath).WithName("ExportPerson").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("All that is stored of a person, as NDJSON: their ids, sessions, events and replays.")
            .Answers("text", StatusCodes.Status403Forbidden, StatusCodes.Status504GatewayTimeout)
            // Before the deletion that has the id "export": there is none, but somebody's id may be "deletions".
            .WithOrder(-1);
        api.MapGet("/persons/export", Export).WithName("ExportPersonById").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("The same for an id that a path can't carry, such as a single dot.")
            .Answers("text", StatusCodes.Status403Forbidden, StatusCodes.Status504GatewayTimeout);
        api.MapDelete("/persons/{distinct_id}", DeleteByPath).WithName("DeletePerson").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("Deletes a person by any of their ids, live sessions too: 200 when nothing is left, 202 while it goes on.")
            .Answers("AskedDeletion", StatusCodes.Status403Forbidden).Produces(StatusCodes.Status202Accepted);
        api.MapDelete("/persons", Delete).WithName("DeletePersonById").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("The same for an id that a path can't carry, such as a single dot.")
            .Answers("AskedDeletion", StatusCodes.Status403Forbidden).Produces(StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> Get(
        string? distinct_id, HttpContext context, PersonQueries persons, CancellationToken cancellation)
    {
        if (AskedId.Of(distinct_id) is not { } id)
        {
            return NoId();
        }

        PersonSummary summary = await persons.GetSummary(context.User.Project(), id, cancellation);
        return new JsonAnswer(json => PersonJson.Write(json, summary));
    }

    private static async Task<IResult> List(
        string? distinct_id,
        string? limit,
        string? cursor,
        HttpContext context,
        PersonQueries persons,
        IOptions<ApiOptions> options,
        CancellationToken cancellation)
    {
        AskedFields fields = new();
        int most = fields.Limit(limit, options.Value);
        DeletionPosition? after = string.IsNullOrEmpty(cursor) ? null : Cursor.ReadDeletion(cursor);
        if (after is null && !string.IsNullOrEmpty(cursor))
        {
            fields.Refuse("cursor", "must be the next of a page of deletions");
        }

        if (fields.Problem is { } problem)
        {
            return problem;
        }

        string project = context.User.Project();
        byte[][]? marks = AskedId.Of(distinct_id) is { } id ? await persons.GetMarks(project, id, cancellation) : null;
        // One more than asked for tells whether there is a next page.
        IReadOnlyList<ListedDeletion> found = await persons.GetDeletions(project, marks, after, most + 1, cancellation);
        ListedDeletion[] page = [.. found.Take(most)];
        string? next = found.Count > most ? Cursor.Write(new DeletionPosition(page[^1].Until, page[^1].Id)) : null;
        return new JsonAnswer(json => SessionJson.WritePage(json, page, (writer, one) => PersonJson.Write(writer, one), next));
    }

    private static async Task<IResult> GetDeletion(
        string id, HttpContext context, PersonQueries persons, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(id, "D", out Guid deletionId))
        {
            return AskedFields.Refusal("id", "must be a deletion's id: a UUID of 36 characters");
        }

        return await persons.FindDeletion(context.User.Project(), deletionId, cancellation) is { } deletion
            ? new JsonAnswer(json => PersonJson.Write(json, deletion))
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "The project has no such deletion.");
    }

    private static Task<IResult> ExportByPath(
        string distinct_id, HttpContext context, PersonExport export, CancellationToken cancellation) =>
        Export(PathText.Part(context, partsAfter: 1), context, export, cancellation);

    private static Task<IResult> DeleteByPath(
        string distinct_id, HttpContext context, PersonDeleting deleting, CancellationToken cancellation) =>
        Delete(PathText.Part(context, partsAfter: 0), context, deleting, cancellation);

    private static async Task<IResult> Export(
        string? distinct_id, HttpContext context, PersonExport export, CancellationToken cancellation) =>
        AskedId.Of(distinct_id) is { } id ? await export.Send(context, id, cancellation) : NoId();

    private static async Task<IResult> Delete(
        string? distinct_id, HttpContext context, PersonDeleting deleting, CancellationToken cancellation)
    {
        if (AskedId.Of(distinct_id) is not { } id)
        {
            return NoId();
        }

        if (await deleting.Ask(context.User, id, cancellation) is not { } asked)
        {
            return NoRoom();
        }

        if (asked.Deletion.State != DeletionState.Done)
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            context.Response.Headers.Location = $"/api/persons/deletions/{asked.Deletion.Id}";
        }

        return new JsonAnswer(json => PersonJson.Write(json, asked.Deletion, asked.Ids));
    }

    private static ProblemHttpResult NoId() => AskedFields.Refusal("distinct_id", PersonDeleting.Expected);

    private static ProblemHttpResult NoRoom() => TypedResults.Problem(
        statusCode: StatusCodes.Status503ServiceUnavailable,
        title: "Too much is being deleted.",
        detail: "Too many deletions wait, or the person has too many ids: Sessions:Persons:MaxWaiting, MaxIds and MaxRefused say how many may.");
}

/// <summary>Persons and their deletions as the API writes them.</summary>
internal static class PersonJson
{
    public static void Write(Utf8JsonWriter json, PersonSummary summary)
    {
        json.WriteStartObject();
        WriteIds(json, summary.Ids);
        json.WriteStartArray("merges");
        foreach (MergedIds merge in summary.Merges)
        {
            json.WriteStartObject();
            json.WriteString("distinct_id", merge.Id);
            json.WriteString("into", merge.Into);
            json.WriteString("by", EventOf(merge.Kind));
            json.WriteString("since", merge.Since is { } since ? PropertyText.Time(since) : null);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("sessions", summary.Sessions);
        json.WriteNumber("events", summary.Events);
        json.WriteNumber("replays", summary.Replays);
        json.WriteNumber("live", summary.Live);
        json.WriteString("first_seen", summary.First is { } first ? PropertyText.Time(first) : null);
        json.WriteString("last_seen", summary.Last is { } last ? PropertyText.Time(last) : null);
        json.WriteEndObject();
    }

    /// <param name="json">Where to.</param>
    /// <param name="deletion">The deletion.</param>
    /// <param name="ids">The person's ids, which only who asked for the deletion is told.</param>
    public static void Write(Utf8JsonWriter json, ListedDeletion deletion, IReadOnlyList<string>? ids = null)
    {
        json.WriteStartObject();
        json.WriteString("id", deletion.Id);
        json.WriteString("state", deletion.State.ToString().ToLowerInvariant());
        json.WriteString("asked_at", PropertyText.Time(deletion.Until));
        json.WriteString("finished_at", deletion.FinishedAt is { } finished ? PropertyText.Time(finished) : null);
        json.WriteString("person", Convert.ToHexStringLower(deletion.Person));
        if (ids is not null)
        {
            WriteIds(json, ids);
        }

        json.WriteNumber("sessions", deletion.Sessions);
        json.WriteNumber("events", deletion.Events);
        json.WriteNumber("replays", deletion.Replays);
        json.WriteEndObject();
    }

    /// <summary>The event that merges in this way.</summary>
    public static string EventOf(MergeKind kind) => kind switch
    {
        MergeKind.Identify => EventNames.Identify,
        MergeKind.Alias => "$create_alias",
        MergeKind.Dangerous => "$merge_dangerously",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No event merges in this way."),
    };

    private static void WriteIds(Utf8JsonWriter json, IReadOnlyList<string> ids)
    {
        json.WriteStartArray("distinct_ids");
        foreach (string id in ids)
        {
            json.WriteStringValue(id);
        }

        json.WriteEndArray();
    }
}
