using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Domain.Events;
using Sessions.Queries.Persons;
using Sessions.Web.Access;
using Sessions.Web.Layout;

namespace Sessions.Web.Persons;

/// <summary>
/// The page of privacy: it looks a person up, exports their data and deletes them. Ids are sent in bodies of forms
/// only, so that they never appear in an address, a browser history or a proxy's log.
/// </summary>
internal static class PrivacyEndpoints
{
    private const string Address = "/project/privacy";

    public static void MapPrivacy(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder pages = endpoints.MapGroup(Address).RequireAuthorization(AccessSchemes.PagesAdminPolicy);
        pages.MapGet("", Show).WithMetadata(new PageFields("deleted", "before"));
        pages.MapPost("", LookUp);
        pages.MapPost("/export", Export);
        pages.MapPost("/delete", Delete);
    }

    private static async Task<IResult> Show(
        string? deleted,
        string? before,
        HttpContext context,
        PageContextFactory contexts,
        PersonQueries persons,
        AuditQueries audit,
        CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        long? older = long.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out long line) ? line : null;
        PrivacyView view = await View(pageContext, persons, audit, older, cancellation);
        ListedDeletion? done = Guid.TryParseExact(deleted, "D", out Guid id) ? await persons.FindDeletion(pageContext.Project, id, cancellation) : null;
        if (!string.IsNullOrEmpty(before) && older is null)
        {
            pageContext = pageContext.NotUnderstood(PageContext.NoPlace(before));
        }

        if (!string.IsNullOrEmpty(deleted) && done is null)
        {
            pageContext = pageContext.NotUnderstood($"The project knows no deletion “{deleted}”.");
        }

        return Page(pageContext, done is null ? view : view with { Message = Tell(done) });
    }

    private static async Task<IResult> LookUp(
        IFormCollection form, HttpContext context, PageContextFactory contexts, PersonQueries persons, PersonLookup lookup, AuditQueries audit,
        CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        string distinctId = TypedText.Read(form["distinct_id"].ToString());
        PrivacyView view = await View(pageContext, persons, audit, before: null, cancellation) with { DistinctId = distinctId };
        return RequestedId.Of(distinctId) is { } id
            ? Page(pageContext, view with { Person = await lookup.Find(context.User, id, cancellation) })
            : Page(pageContext, view with { Fault = $"It {PersonDeleting.Expected}." });
    }

    private static async Task<IResult> Export(
        IFormCollection form, HttpContext context, PersonExport export, CancellationToken cancellation)
    {
        return RequestedId.Of(TypedText.Read(form["distinct_id"].ToString())) is { } id
            ? await export.Send(context, id, cancellation)
            : TypedResults.LocalRedirect(Address);
    }

    private static async Task<IResult> Delete(
        IFormCollection form,
        HttpContext context,
        PageContextFactory contexts,
        PersonDeleting deleting,
        PersonQueries persons,
        AuditQueries audit,
        CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        string distinctId = TypedText.Read(form["distinct_id"].ToString());
        RequestedId? id = RequestedId.Of(distinctId);
        // A script asks for confirmation. Without scripts this checkbox is the only confirmation.
        string? fault = id is null ? $"It {PersonDeleting.Expected}."
            : form["sure"] != "yes" ? "Nothing was deleted. Tick the box first to confirm the deletion."
            : null;
        if (fault is null)
        {
            if (await deleting.Ask(context.User, id!, cancellation) is { } asked)
            {
                return TypedResults.LocalRedirect($"{Address}?deleted={asked.Deletion.Id}");
            }

            fault = "Too many deletions are in progress. Try again later.";
        }

        PrivacyView view = await View(pageContext, persons, audit, before: null, cancellation) with { DistinctId = distinctId, Fault = fault };
        return Page(
            pageContext,
            id is null ? view : view with { Person = await persons.GetSummary(pageContext.Project, id, cancellation) });
    }

    private static async Task<PrivacyView> View(
        PageContext pageContext, PersonQueries persons, AuditQueries audit, long? before, CancellationToken cancellation)
    {
        IReadOnlyList<ListedDeletion> deletions =
            await persons.GetDeletions(pageContext.Project, marks: null, after: null, PrivacyView.Most, cancellation);
        IReadOnlyList<AuditLine> log =
            await audit.GetPage(pageContext.Project, subjects: null, action: null, before, PrivacyView.Most + 1, cancellation);
        AuditLine[] shown = [.. log.Take(PrivacyView.Most)];
        return new PrivacyView(deletions, shown) { OlderLog = log.Count > shown.Length ? shown[^1].Id : null };
    }

    private static string Tell(ListedDeletion deletion)
    {
        string what = $"{Format.Count(deletion.Sessions)} sessions, {Format.Count(deletion.Events)} events, {Format.Count(deletion.Replays)} replays";
        return deletion.State == DeletionState.Done
            ? $"The person is deleted: {what}."
            : $"The person is being deleted: {what} so far. The deletion continues in the background, also after a restart.";
    }

    private static RazorComponentResult<PrivacyPage> Page(PageContext pageContext, PrivacyView view) => new(new { PageContext = pageContext, View = view })
    {
        StatusCode = view.Fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
    };
}
