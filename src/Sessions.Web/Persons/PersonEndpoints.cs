using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Domain.Events;
using Sessions.Queries.Persons;
using Sessions.Web.Access;
using Sessions.Web.Api;
using Sessions.Web.Browsing;

namespace Sessions.Web.Persons;

/// <summary>Reads, exports and deletes everything that is stored of a person.</summary>
internal static class PersonEndpoints
{
    public static void MapPersons(this IEndpointRouteBuilder api)
    {
        api.MapGet("/persons", Get).WithName("GetPerson").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("The person with a distinct id: all their ids, and the numbers of stored sessions, events and replays.")
            .Answers<PersonJson>(StatusCodes.Status403Forbidden);
        api.MapGet("/persons/deletions", List).WithName("ListPersonDeletions").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("The project's deletions of persons, the latest first; with distinct_id those that were requested with it.")
            .Answers<PageJson<DeletionJson>>(StatusCodes.Status403Forbidden);
        api.MapGet("/persons/deletions/{id}", GetDeletion).WithName("GetPersonDeletion").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("The progress of a deletion.")
            .Answers<DeletionJson>(StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound);
        api.MapGet("/persons/{distinct_id}/export", ExportByPath).WithName("ExportPerson").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("Everything that is stored of a person, as NDJSON: their ids, sessions, events and replays.")
            .AnswersLines(["application/x-ndjson"], StatusCodes.Status403Forbidden, StatusCodes.Status504GatewayTimeout)
            // Before the path of a deletion, whose id can't be "export", while a person's id may be "deletions".
            .WithOrder(-1);
        api.MapGet("/persons/export", Export).WithName("ExportPersonById").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("The same for an id that a path can't carry, such as a single dot.")
            .AnswersLines(["application/x-ndjson"], StatusCodes.Status403Forbidden, StatusCodes.Status504GatewayTimeout);
        api.MapDelete("/persons/{distinct_id}", DeleteByPath).WithName("DeletePerson").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("Deletes a person by any of their ids, live sessions too: 200 when the deletion is complete, 202 while it is in progress.")
            .Answers<RequestedDeletionJson>(StatusCodes.Status403Forbidden).Produces<RequestedDeletionJson>(StatusCodes.Status202Accepted);
        api.MapDelete("/persons", Delete).WithName("DeletePersonById").RequireAuthorization(AccessSchemes.ApiAdminPolicy)
            .WithSummary("The same for an id that a path can't carry, such as a single dot.")
            .Answers<RequestedDeletionJson>(StatusCodes.Status403Forbidden).Produces<RequestedDeletionJson>(StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> Get(
        string? distinct_id, HttpContext context, PersonLookup lookup, CancellationToken cancellation)
    {
        if (RequestedId.Of(distinct_id) is not { } id)
        {
            return NoId();
        }

        PersonSummary summary = await lookup.Find(context.User, id, cancellation);
        return JsonAnswer.Of(PersonJson.Of(summary), PersonJsonContext.Default.PersonJson);
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
        RequestErrors fields = new();
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
        byte[][]? marks = RequestedId.Of(distinct_id) is { } id ? await persons.GetMarks(project, id, cancellation) : null;
        // One result more than requested shows whether there is a next page.
        IReadOnlyList<ListedDeletion> found = await persons.GetDeletions(project, marks, after, most + 1, cancellation);
        ListedDeletion[] page = [.. found.Take(most)];
        string? next = found.Count > most ? Cursor.Write(new DeletionPosition(page[^1].Until, page[^1].Id)) : null;
        return JsonAnswer.Of(new PageJson<DeletionJson>([.. page.Select(DeletionJson.Of)], next), PersonJsonContext.Default.PageJsonDeletionJson);
    }

    private static async Task<IResult> GetDeletion(
        string id, HttpContext context, PersonQueries persons, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(id, "D", out Guid deletionId))
        {
            return RequestErrors.Refusal("id", "must be a deletion's id: a UUID of 36 characters");
        }

        return await persons.FindDeletion(context.User.Project(), deletionId, cancellation) is { } deletion
            ? JsonAnswer.Of(DeletionJson.Of(deletion), PersonJsonContext.Default.DeletionJson)
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
        RequestedId.Of(distinct_id) is { } id ? await export.Send(context, id, cancellation) : NoId();

    private static async Task<IResult> Delete(
        string? distinct_id, HttpContext context, PersonDeleting deleting, CancellationToken cancellation)
    {
        if (RequestedId.Of(distinct_id) is not { } id)
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

        return JsonAnswer.Of(RequestedDeletionJson.Of(asked.Deletion, asked.Ids), PersonJsonContext.Default.RequestedDeletionJson);
    }

    private static ProblemHttpResult NoId() => RequestErrors.Refusal("distinct_id", PersonDeleting.Expected);

    private static ProblemHttpResult NoRoom() => TypedResults.Problem(
        statusCode: StatusCodes.Status503ServiceUnavailable,
        title: "There are too many deletions.",
        detail: "Too many deletions are waiting, or the person has too many ids. Sessions:Persons:MaxWaiting, MaxIds and MaxRefused set the limits.");
}
