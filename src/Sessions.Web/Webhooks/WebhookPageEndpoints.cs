using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Queries.Webhooks;
using Sessions.Web.Access;
using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web.Webhooks;

/// <summary>The pages of a project's webhooks. They need an admin key.</summary>
internal static class WebhookPageEndpoints
{
    private const string Address = "/project/webhooks";
    private const string One = $"{Address}/{{id:guid}}";
    private const int DeliveriesOnPage = 50;

    public static void MapWebhookPages(this IEndpointRouteBuilder endpoints)
    {
        // The forms that consist of one button need the token too: no other site may make a browser press it.
        RouteGroupBuilder pages = endpoints.MapGroup("").RequireAuthorization(AccessSchemes.PagesAdminPolicy).RequireFormMark();
        pages.MapGet(Address, ShowAll).WithMetadata(new PageFields("done"));
        pages.MapPost(Address, Make);
        pages.MapGet(One, Show).WithMetadata(new PageFields("done", "state", "cursor"));
        pages.MapPost(One, Save);
        pages.MapPost($"{One}/test", Test);
        pages.MapPost($"{One}/secret", Rotate);
        pages.MapPost($"{One}/redeliver", Redeliver);
        pages.MapPost($"{One}/delete", Delete);
    }

    private static async Task<IResult> ShowAll(
        string? done, HttpContext context, PageContextFactory contexts, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        string? message = done == "deleted" ? "The webhook is deleted." : null;
        return Page(
            pageContext.Done(done, message),
            new WebhooksView(await webhooks.GetAll(pageContext.Project, cancellation), WebhookForm.New, Message: message));
    }

    private static async Task<IResult> Make(
        IFormCollection form, HttpContext context, PageContextFactory contexts, ProjectWebhooks webhooks, OneTimeNotes notes, CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        WebhookForm typed = Checked(WebhookForm.Of(form), webhooks);
        if (typed.Faults.Count == 0)
        {
            if (await webhooks.Make(context.User, typed.Change, cancellation) is var (made, secret))
            {
                notes.Leave(context, NoteOfSecret(made.Id), secret);
                return TypedResults.LocalRedirect($"{Address}/{made.Id}?done=made#secret");
            }

            typed = typed with { Faults = [("webhooks", $"A project may have {webhooks.Most} webhooks. Delete one that is not in use.")] };
        }

        WebhooksView view = new(await webhooks.GetAll(pageContext.Project, cancellation), typed);
        return Page(pageContext, view, isWrong: true);
    }

    private static Task<IResult> Show(
        Guid id, string? done, string? state, string? cursor, HttpContext context, PageContextFactory contexts, ProjectWebhooks webhooks, OneTimeNotes notes,
        CancellationToken cancellation)
    {
        string? message = done switch
        {
            "made" => "The webhook is created.",
            "saved" => "The webhook is saved.",
            "tested" => "The test is being sent. Reload the page in a moment.",
            "redelivered" => "The dead deliveries are sent again.",
            _ => null,
        };
        string? secret = notes.Take(context, NoteOfSecret(id));
        return ShowOne(id, form: null, new(done, state, cursor), secret, message, context, contexts, webhooks, cancellation);
    }

    private static async Task<IResult> Save(
        Guid id, IFormCollection form, HttpContext context, PageContextFactory contexts, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        WebhookForm typed = Checked(WebhookForm.Of(form), webhooks);
        if (typed.Faults.Count > 0)
        {
            return await ShowOne(id, typed, Asked.Nothing, secret: null, message: null, context, contexts, webhooks, cancellation);
        }

        return await webhooks.Change(context.User, id, typed.Change, cancellation) is null
            ? NoSuchWebhook()
            : TypedResults.LocalRedirect($"{Address}/{id}?done=saved");
    }

    private static async Task<IResult> Test(Guid id, HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation) =>
        await webhooks.Test(context.User, id, cancellation) is null
            ? TypedResults.LocalRedirect($"{Address}/{id}")
            : TypedResults.LocalRedirect($"{Address}/{id}?done=tested#deliveries");

    private static async Task<IResult> Rotate(
        Guid id, HttpContext context, ProjectWebhooks webhooks, OneTimeNotes notes, CancellationToken cancellation)
    {
        if (await webhooks.Rotate(context.User, id, cancellation) is not var (secret, _))
        {
            return NoSuchWebhook();
        }

        notes.Leave(context, NoteOfSecret(id), secret);
        return TypedResults.LocalRedirect($"{Address}/{id}#secret");
    }

    private static async Task<IResult> Redeliver(
        Guid id, IFormCollection form, HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        Guid? one = Guid.TryParseExact(form["delivery"], "D", out Guid delivery) ? delivery : null;
        await webhooks.Redeliver(context.User, id, one, cancellation);
        return TypedResults.LocalRedirect($"{Address}/{id}?done=redelivered#deliveries");
    }

    private static async Task<IResult> Delete(Guid id, HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        await webhooks.Delete(context.User, id, cancellation);
        return TypedResults.LocalRedirect($"{Address}?done=deleted");
    }

    private static async Task<IResult> ShowOne(
        Guid id,
        WebhookForm? form,
        Asked asked,
        string? secret,
        string? message,
        HttpContext context,
        PageContextFactory contexts,
        ProjectWebhooks webhooks,
        CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        if (await webhooks.Get(pageContext.Project, id, cancellation) is not { } webhook)
        {
            return NoSuchWebhook();
        }

        string? known = DeliveryStates.All.Contains(asked.State) ? asked.State : null;
        Guid? after = Guid.TryParseExact(asked.Cursor, "D", out Guid place) ? place : null;
        pageContext = pageContext.Done(asked.Done, message).NotUnderstood(asked.Faults(known, after));
        WebhookDeliveryPage deliveries = await webhooks.GetDeliveries(id, known, after, DeliveriesOnPage, cancellation);
        WebhookView view = new(webhook, form ?? WebhookForm.Of(webhook), deliveries, known, secret, message);
        return new RazorComponentResult<WebhookPage>(new { PageContext = pageContext, View = view })
        {
            StatusCode = form is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
        };
    }

    /// <summary>What the address of a webhook's page asks for.</summary>
    private sealed record Asked(string? Done, string? State, string? Cursor)
    {
        public static Asked Nothing { get; } = new(null, null, null);

        public IEnumerable<string> Faults(string? state, Guid? after)
        {
            if (!string.IsNullOrEmpty(State) && state is null)
            {
                yield return $"Deliveries have no state “{State}”. All are shown.";
            }

            if (!string.IsNullOrEmpty(Cursor) && after is null)
            {
                yield return PageContext.NoPlace(Cursor);
            }
        }
    }

    private static string NoteOfSecret(Guid id) => $"secret of {id}";

    private static WebhookForm Checked(WebhookForm typed, ProjectWebhooks webhooks)
    {
        RequestErrors fields = new();
        webhooks.Check(fields, typed.Change, isNew: true);
        return typed with { Faults = fields.Faults };
    }

    private static RazorComponentResult<WebhooksPage> Page(PageContext pageContext, WebhooksView view, bool isWrong = false) =>
        new(new { PageContext = pageContext, View = view })
        {
            StatusCode = isWrong ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK,
        };

    private static RazorComponentResult<TroublePage> NoSuchWebhook() => PageAnswers.Trouble(
        StatusCodes.Status404NotFound, "The webhook does not exist.", "It may have been deleted.", Address, "Back to all webhooks");
}
