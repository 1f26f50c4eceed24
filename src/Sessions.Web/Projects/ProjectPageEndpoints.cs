using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Domain.Projects;
using Sessions.Web.Access;
using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web.Projects;

/// <summary>The project's page: installation, settings and keys.</summary>
internal static class ProjectPageEndpoints
{
    private const string Address = "/project";
    private const string NoteOfKey = "key";
    private const int MostDays = 3_650;

    // Channel rules alone may have thousands of fields.
    private const int MostFields = 50_000;

    public static void MapProjectPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Address, Show).WithMetadata(new PageFields("done"));
        pages.MapPost(Address, Save).WithFormOptions(valueCountLimit: MostFields).RequireAuthorization(AccessSchemes.PagesAdminPolicy);
        pages.MapPost($"{Address}/token", SaveToken).RequireAuthorization(AccessSchemes.PagesAdminPolicy);
        pages.MapPost($"{Address}/keys", MakeKey).RequireAuthorization(AccessSchemes.PagesAdminPolicy);
        pages.MapPost($"{Address}/keys/revoke", RevokeKey).RequireAuthorization(AccessSchemes.PagesAdminPolicy);
    }

    private static async Task<IResult> Show(
        string? done, HttpContext context, PageContextFactory contexts, ProjectChanges changes, KeyRing ring, OneTimeNotes notes,
        CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        (ProjectSettings settings, string? token) = await changes.Get(pageContext.Project, cancellation);
        ProjectView view = new(SettingsForm.Of(settings, token ?? ""), await ring.GetAll(pageContext.Project, cancellation))
        {
            Message = done switch
            {
                "saved" => "The settings are saved. They take effect at all gateways within seconds.",
                "token" => "The token is changed. Put the new snippet into your pages.",
                "revoked" => "The key is revoked.",
                _ => null,
            },
            NewKey = notes.Take(context, NoteOfKey),
        };
        return Page(pageContext.Done(done, view.Message) with { Settings = settings, Token = token ?? "" }, view);
    }

    private static async Task<IResult> Save(
        IFormCollection form, HttpContext context, PageContextFactory contexts, ProjectChanges changes, KeyRing ring, CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        SettingsForm typed = SettingsForm.Of(form);
        RequestErrors fields = new();
        SettingsRequest asked = SettingsRequest.Read(fields, typed);
        (string Field, string Fault)[] faults =
            [.. RuleRows.Missing(typed), .. fields.Faults, .. ProjectCheck.Problems(asked.Change).Select(problem => (problem.Field, problem.Message))];
        if (faults.Length == 0 && await changes.FindFault(asked, cancellation) is { } pathFault)
        {
            faults = [pathFault];
        }

        if (faults.Length == 0)
        {
            if (await changes.Make(context.User, asked, cancellation) is not null)
            {
                return TypedResults.LocalRedirect($"{Address}?done=saved#settings");
            }

            faults = [("token", "must differ from the tokens of all other projects")];
        }

        return Page(pageContext, new ProjectView(typed.With(faults), await ring.GetAll(pageContext.Project, cancellation)), isWrong: true);
    }

    private static async Task<IResult> SaveToken(
        IFormCollection form, HttpContext context, PageContextFactory contexts, ProjectChanges changes, KeyRing ring, CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        RequestErrors fields = new();
        string typed = form[SettingsRequest.TokenName].ToString().Trim();
        SettingsRequest asked = SettingsRequest.OfToken(fields, typed);
        string? fault = fields.Faults is [var first, ..] ? first.Fault : null;
        if (fault is null)
        {
            if (await changes.Make(context.User, asked, cancellation) is not null)
            {
                return TypedResults.LocalRedirect($"{Address}?done=token#install");
            }

            fault = "must differ from the tokens of all other projects";
        }

        (ProjectSettings settings, string? token) = await changes.Get(pageContext.Project, cancellation);
        SettingsForm current = SettingsForm.Of(settings, typed).With([(SettingsRequest.TokenName, fault)]);
        return Page(
            pageContext with { Settings = settings, Token = token ?? "" },
            new ProjectView(current, await ring.GetAll(pageContext.Project, cancellation)),
            isWrong: true);
    }

    private static async Task<IResult> MakeKey(
        IFormCollection form, HttpContext context, PageContextFactory contexts, ProjectChanges changes, KeyRing ring, OneTimeNotes notes,
        TimeProvider time, CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        string name = form["name"].ToString(), role = form["role"].ToString();
        int? days = int.TryParse(form["days"], NumberStyles.None, CultureInfo.InvariantCulture, out int typed) && typed is > 0 and <= MostDays ? typed : null;
        string? fault = KeyRing.NameFault(name) is { } nameFault ? $"The name {nameFault}."
            : KeyRing.RoleFault(role) is { } roleFault ? $"The role {roleFault}."
            : null;
        if (fault is null)
        {
            DateTimeOffset? end = days is null ? null : time.GetUtcNow().AddDays(days.Value);
            if (await ring.Make(context.User, name, role, end, cancellation) is var (_, made))
            {
                notes.Leave(context, NoteOfKey, made.Text);
                return TypedResults.LocalRedirect($"{Address}#new-key");
            }

            fault = $"A project may have {ring.Most} keys. Revoke one that is not in use.";
        }

        (ProjectSettings settings, string? token) = await changes.Get(pageContext.Project, cancellation);
        ProjectView view = new(SettingsForm.Of(settings, token ?? ""), await ring.GetAll(pageContext.Project, cancellation))
        {
            KeyFault = fault,
        };
        return Page(pageContext, view, isWrong: true);
    }

    private static async Task<IResult> RevokeKey(
        IFormCollection form, HttpContext context, KeyRing ring, CancellationToken cancellation)
    {
        if (Guid.TryParseExact(form["id"], "D", out Guid id))
        {
            await ring.Revoke(context.User, id, cancellation);
        }

        return TypedResults.LocalRedirect($"{Address}?done=revoked#keys");
    }

    private static RazorComponentResult<ProjectPage> Page(PageContext pageContext, ProjectView view, bool isWrong = false) =>
        new(new { PageContext = pageContext, View = view })
        {
            StatusCode = isWrong ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK,
        };
}
