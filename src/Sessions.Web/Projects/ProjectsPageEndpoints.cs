using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Client.Projects;
using Sessions.Queries;
using Sessions.Web.Access;
using Sessions.Web.Layout;

namespace Sessions.Web.Projects;

/// <summary>The operator's page of projects, which also chooses the project that the other pages show.</summary>
internal static class ProjectsPageEndpoints
{
    private const string Address = "/projects";
    private const string NoteOfProject = "project";
    private const string ListTitle = "list-title";
    private const string NotThere = "The project does not exist any more.";
    private const int Most = 500;

    public static void MapProjectsPage(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder pages = endpoints.MapGroup("").RequireAuthorization(AccessSchemes.PagesOperatorPolicy);
        pages.MapGet(Address, Show).WithMetadata(new PageFields("done"));
        pages.MapGet(Address + "/choices", Choices);
        pages.MapPost(Address, Make);
        pages.MapPost(Address + "/open", Open);
        pages.MapPost(Address + "/change", Change);
        pages.MapPost(Address + "/delete", Delete);
    }

    private static async Task<IResult> Show(
        string? done,
        HttpContext context,
        PageContextFactory contexts,
        ProjectQueries projects,
        ProjectCache<ProjectSettings> settings,
        OneTimeNotes notes,
        CancellationToken cancellation)
    {
        NewProject? made = notes.Take(context, NoteOfProject, Address) is { } note ? JsonSerializer.Deserialize<NewProject>(note) : null;
        ProjectsView view = await View(projects, settings, cancellation) with
        {
            Made = made is null ? null : (made.Id, made.Token, made.ApiKey, made.PostgresReader),
            Message = done switch
            {
                "made" when made is null =>
                    "The project is made. Its API key and SQL login were shown once. To get another key, open the project and go to Project.",
                "renamed" => "The project has its new name.",
                "archived" => "The project is archived. Every gateway refuses its token within seconds.",
                "restored" => "The project takes events again.",
                "deleting" => "The project is being deleted. Its token and its keys are not valid any more.",
                _ => null,
            },
        };
        return Page((await contexts.Of(context)).Done(done, made is null ? view.Message : done), view);
    }

    /// <summary>The projects of the menu with which the operator switches between them.</summary>
    private static async Task<IResult> Choices(ProjectQueries projects, ProjectCache<ProjectSettings> settings, CancellationToken cancellation)
    {
        IReadOnlyList<ListedProject> found = await projects.GetPage("", only: null, Most, cancellation);
        return TypedResults.Json(await Task.WhenAll(found.Select(async project => new { project.Id, (await settings.Of(project.Id)).Name })));
    }

    private static async Task<IResult> Make(
        IFormCollection form,
        HttpContext context,
        PageContextFactory contexts,
        ProjectMaking making,
        ProjectQueries projects,
        ProjectCache<ProjectSettings> settings,
        OneTimeNotes notes,
        CancellationToken cancellation)
    {
        string id = form["id"].ToString().Trim(), typed = TypedText.Read(form["name"].ToString());
        string? name = typed.Length == 0 ? null : typed;
        List<(string, string)> faults = [];
        if (ProjectMaking.IdFault(id) is { } idFault)
        {
            faults.Add((ProjectsView.NewId, $"The id {idFault}."));
        }

        if (ProjectMaking.NameFault(name) is { } nameFault)
        {
            faults.Add((ProjectsView.NewName, $"The name {nameFault}."));
        }

        if (faults.Count == 0)
        {
            if (await making.Make(context.User, id, name, cancellation) is { } made)
            {
                // A reload of the page makes no second project, and does not lose the key.
                notes.Leave(context, NoteOfProject, JsonSerializer.Serialize(made), Address);
                return TypedResults.LocalRedirect($"{Address}?done=made#made");
            }

            faults.Add((ProjectsView.NewId, $"There is a project {id} already. Choose another id."));
        }

        ProjectsView view = await View(projects, settings, cancellation) with { NotDone = "No project was made.", Faults = faults, Id = id, Name = typed };
        return Page(await contexts.Of(context), view, isWrong: true);
    }

    private static async Task<IResult> Open(IFormCollection form, HttpContext context, ProjectDirectory directory)
    {
        string id = form["id"].ToString();
        if (!await directory.ExistsAnywhere(id) || context.User.Key() is not { } key || context.User.SignIn() is not { } signIn)
        {
            return TypedResults.LocalRedirect(Address);
        }

        // The same sign-in goes on, with another project.
        await context.SignInAsync(
            AccessSchemes.Cookie, Caller.Create(key with { Project = id }, signIn), new AuthenticationProperties { IsPersistent = true });
        return TypedResults.LocalRedirect("/");
    }

    private static async Task<IResult> Change(
        IFormCollection form,
        HttpContext context,
        PageContextFactory contexts,
        ProjectMaking making,
        ProjectQueries projects,
        ProjectCache<ProjectSettings> settings,
        CancellationToken cancellation)
    {
        string id = form["id"].ToString();
        string? name = form.ContainsKey("name") ? TypedText.Read(form["name"].ToString()) : null;
        bool? isArchived = form["archived"].ToString() switch { "true" => true, "false" => false, _ => null };
        (string Field, string Text)? fault = ProjectMaking.NameFault(name) is { } nameFault ? (ProjectsView.NameField(id), $"The name {nameFault}.")
            : !ProjectId.IsValid(id) || await making.Change(context.User, id, name, isArchived, cancellation) is null ? (ListTitle, NotThere)
            : null;
        if (fault is not { } wrong)
        {
            return TypedResults.LocalRedirect($"{Address}?done={(isArchived switch { true => "archived", false => "restored", null => "renamed" })}");
        }

        ProjectsView view = await View(projects, settings, cancellation) with { NotDone = "Nothing was changed.", Faults = [wrong], Typed = name ?? "" };
        return Page(await contexts.Of(context), view, isWrong: true);
    }

    private static async Task<IResult> Delete(
        IFormCollection form,
        HttpContext context,
        PageContextFactory contexts,
        ProjectMaking making,
        ProjectQueries projects,
        ProjectCache<ProjectSettings> settings,
        CancellationToken cancellation)
    {
        string id = form["id"].ToString();
        string typed = form["confirm"].ToString();
        (string Field, string Text)? fault = id == ProjectId.Default ? (ListTitle, ProjectMaking.DefaultStays)
            : typed.Trim() != id ? (ProjectsView.ConfirmField(id), $"To delete the project {id}, type its id beside the button.")
            : null;
        if (fault is { } wrong)
        {
            ProjectsView view = await View(projects, settings, cancellation) with { NotDone = "Nothing was deleted.", Faults = [wrong], Typed = typed };
            return Page(await contexts.Of(context), view, isWrong: true);
        }

        // A project that is gone already is what the operator wants, too.
        if (ProjectId.IsValid(id))
        {
            await making.Delete(context.User, id, cancellation);
        }

        return TypedResults.LocalRedirect($"{Address}?done=deleting");
    }

    private static async Task<ProjectsView> View(ProjectQueries projects, ProjectCache<ProjectSettings> settings, CancellationToken cancellation)
    {
        IReadOnlyList<ListedProject> found = await projects.GetPage("", only: null, Most + 1, cancellation, withDeleting: true);
        // The settings of a project that is being deleted may be gone.
        (ListedProject, string)[] named = await Task.WhenAll(
            found.Take(Most).Select(async project => (project, project.IsDeleting ? project.Id : (await settings.Of(project.Id)).Name)));
        return new ProjectsView(named) { IsCut = found.Count > Most };
    }

    private static RazorComponentResult<ProjectsPage> Page(PageContext pageContext, ProjectsView view, bool isWrong = false) =>
        new(new { PageContext = pageContext, View = view })
        {
            StatusCode = isWrong ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK,
        };
}
