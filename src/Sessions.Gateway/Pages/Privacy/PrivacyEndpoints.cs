using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Domain;
using Sessions.Gateway.Access;
using Sessions.Gateway.Api.Persons;
using Sessions.Gateway.Pages.Frame;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Pages.Privacy;

/// <summary>
/// The page of privacy: a person is looked up, taken along, deleted. Ids go in forms' bodies only, so that no address,
/// history or log of a proxy has them.
/// </summary>
internal static class PrivacyEndpoints
{
    private const string Address = "/project/privacy";

    public static void MapPrivacy(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder pages = endpoints.MapGroup(Address).RequireAuthorization(AccessSchemes.PagesAdminPolicy);
        pages.MapGet("", Show);
        pages.MapPost("", LookUp);
        pages.MapPost("/export", Export);
        pages.MapPost("/delete", Delete);
    }

    private static async Task<IResult> Show(
        Guid? deleted,
        string? before,
        HttpContext context,
        Lookers lookers,
        PersonQueries persons,
        AuditQueries audit,
        CancellationToken cancellation)
    {
        Looker looker = await lookers.Of(context);
        long? older = long.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out long line) ? line : null;
        PrivacyView view = await View(looker, persons, audit, older, cancellation);
        ListedDeletion? done = deleted is { } id ? await persons.FindDeletion(looker.Project, id, cancellation) : null;
        return Page(looker, done is null ? view : view with { Said = Tell(done) });
    }

    private static async Task<IResult> LookUp(
        IFormCollection form, HttpContext context, Lookers lookers, PersonQueries persons, AuditQueries audit, CancellationToken cancellation)
    {
        Looker looker = await lookers.Of(context);
        string distinctId = TypedText.Read(form["distinct_id"].ToString());
        PrivacyView view = await View(looker, persons, audit, before: null, cancellation) with { DistinctId = distinctId };
        return AskedId.Of(distinctId) is { } id
            ? Page(looker, view with { Person = await persons.GetSummary(looker.Project, id, cancellation) })
            : Page(looker, view with { Fault = $"It {PersonDeleting.Expected}." });
    }

    private static async Task<IResult> Export(
        IFormCollection form, HttpContext context, PersonExport export, CancellationToken cancellation)
    {
        return AskedId.Of(TypedText.Read(form["distinct_id"].ToString())) is { } id
            ? await export.Send(context, id, cancellation)
            : TypedResults.LocalRedirect(Address);
    }

    private static async Task<IResult> Delete(
        IFormCollection form,
        HttpContext context,
        Lookers lookers,
        PersonDeleting deleting,
        PersonQueries persons,
        AuditQueries audit,
        CancellationToken cancellation)
    {
        Looker looker = await lookers.Of(context);
        string distinctId = TypedText.Read(form["distinct_id"].ToString());
        AskedId? id = AskedId.Of(distinctId);
        // A script asks once more; without scripts this box is all that stands before it.
        string? fault = id is null ? $"It {PersonDeleting.Expected}."
            : form["sure"] != "yes" ? "Nothing was deleted: say first that you mean it."
            : null;
        if (fault is null)
        {
            if (await deleting.Ask(context.User, id!, cancellation) is { } asked)
            {
                return TypedResults.LocalRedirect($"{Address}?deleted={asked.Deletion.Id}");
            }

            fault = "Too much is being deleted right now. Try again later.";
        }

        PrivacyView view = await View(looker, persons, audit, before: null, cancellation) with { DistinctId = distinctId, Fault = fault };
        return Page(
            looker,
            id is null ? view : view with { Person = await persons.GetSummary(looker.Project, id, cancellation) });
    }

    private static async Task<PrivacyView> View(
        Looker looker, PersonQueries persons, AuditQueries audit, long? before, CancellationToken cancellation)
    {
        IReadOnlyList<ListedDeletion> deletions =
            await persons.GetDeletions(looker.Project, marks: null, after: null, PrivacyView.Most, cancellation);
        IReadOnlyList<AuditLine> log =
            await audit.GetPage(looker.Project, subjects: null, action: null, before, PrivacyView.Most + 1, cancellation);
        AuditLine[] shown = [.. log.Take(PrivacyView.Most)];
        return new PrivacyView(deletions, shown) { OlderLog = log.Count > shown.Length ? shown[^1].Id : null };
    }

    private static string Tell(ListedDeletion deletion)
    {
        string what = $"{Said.Count(deletion.Sessions)} sessions, {Said.Count(deletion.Events)} events, {Said.Count(deletion.Replays)} replays";
        return deletion.State == DeletionState.Done
            ? $"The person is deleted: {what}."
            : $"The person is being deleted: {what} so far. It goes on by itself, also after a restart.";
    }

    private static RazorComponentResult<PrivacyPage> Page(Looker looker, PrivacyView view) => new(new { Looker = looker, View = view })
    {
        StatusCode = view.Fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
    };
}
