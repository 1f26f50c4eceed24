using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Domain.Projects;
using Sessions.Gateway.Access;
using Sessions.Gateway.Api;
using Sessions.Gateway.Pages.Frame;

namespace Sessions.Gateway.Pages.Settings;

/// <summary>The project's page: how to send it events, its settings, its keys.</summary>
internal static class ProjectPageEndpoints
{
    private const string Address = "/project";

    public static void MapProjectPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Address, Show);
        pages.MapPost(Address, Save).RequireAuthorization(AccessSchemes.PagesAdminPolicy);
        pages.MapPost($"{Address}/keys", MakeKey).RequireAuthorization(AccessSchemes.PagesAdminPolicy);
        pages.MapPost($"{Address}/keys/revoke", RevokeKey).RequireAuthorization(AccessSchemes.PagesAdminPolicy);
    }

    private static async Task<IResult> Show(
        string? done, HttpContext context, Lookers lookers, ProjectChanges changes, KeyRing ring, CancellationToken cancellation)
    {
        Looker looker = await lookers.Of(context);
        (ProjectSettings settings, string? token) = await changes.Get(looker.Project, cancellation);
        ProjectView view = new(SettingsForm.Of(settings, token ?? ""), await ring.GetAll(looker.Project, cancellation))
        {
            Said = done switch
            {
                "saved" => "The settings are saved. They hold everywhere within seconds.",
                "revoked" => "The key is revoked.",
                _ => null,
            },
        };
        return Page(looker with { Settings = settings, Token = token ?? "" }, view);
    }

    private static async Task<IResult> Save(
        IFormCollection form, HttpContext context, Lookers lookers, ProjectChanges changes, KeyRing ring, CancellationToken cancellation)
    {
        Looker looker = await lookers.Of(context);
        SettingsForm typed = SettingsForm.Of(form);
        AskedFields fields = new();
        using JsonDocument body = JsonDocument.Parse(typed.ToJson());
        AskedSettings asked = AskedSettings.Read(fields, body.RootElement);
        (string Field, string Fault)[] faults =
            [.. fields.Faults, .. ProjectCheck.Problems(asked.Change).Select(problem => (problem.Field, problem.Message))];
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

            faults = [("token", "must be one that no other project has")];
        }

        return Page(looker, new ProjectView(typed.With(faults), await ring.GetAll(looker.Project, cancellation)), isWrong: true);
    }

    private static async Task<IResult> MakeKey(
        IFormCollection form, HttpContext context, Lookers lookers, ProjectChanges changes, KeyRing ring, CancellationToken cancellation)
    {
        Looker looker = await lookers.Of(context);
        string name = form["name"].ToString(), role = form["role"].ToString();
        string? fault = KeyRing.NameFault(name) is { } nameFault ? $"The name {nameFault}."
            : KeyRing.RoleFault(role) is { } roleFault ? $"The role {roleFault}."
            : null;
        string? made = null;
        if (fault is null)
        {
            made = (await ring.Make(context.User, name, role, cancellation))?.Key.Text;
            fault = made is null ? $"A project may have {ring.Most} keys. Revoke one that nobody uses." : null;
        }

        (ProjectSettings settings, string? token) = await changes.Get(looker.Project, cancellation);
        ProjectView view = new(SettingsForm.Of(settings, token ?? ""), await ring.GetAll(looker.Project, cancellation))
        {
            NewKey = made,
            KeyFault = fault,
        };
        return Page(looker, view, isWrong: fault is not null);
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

    private static RazorComponentResult<ProjectPage> Page(Looker looker, ProjectView view, bool isWrong = false) =>
        new(new { Looker = looker, View = view })
        {
            StatusCode = isWrong ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK,
        };
}
