using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Gateway.Access;
using Sessions.Gateway.Api;
using Sessions.Gateway.Pages.Frame;
using Sessions.Gateway.Webhooks;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Pages.Webhooks;

/// <summary>The pages of a project's webhooks, for its admins.</summary>
internal static class WebhookPageEndpoints
{
    private const string Address = "/project/webhooks";
    private const string One = $"{Address}/{{id:guid}}";
    private const int DeliveriesOnPage = 50;

    public static void MapWebhookPages(this IEndpointRouteBuilder endpoints)
    {
        // Also those that take nothing but a click: no other site may make a browser click here.
        RouteGroupBuilder pages = endpoints.MapGroup("").RequireAuthorization(AccessSchemes.PagesAdminPolicy).RequireFormMark();
        pages.MapGet(Address, ShowAll);
        pages.MapPost(Address, Make);
        pages.MapGet(One, Show);
        pages.MapPost(One, Save);
        pages.MapPost($"{One}/test", Test);
        pages.MapPost($"{One}/secret", Rotate);
        pages.MapPost($"{One}/redeliver", Redeliver);
        pages.MapPost($"{One}/delete", Delete);
    }

    private static async Task<IResult> ShowAll(
        string? done, HttpContext context, Lookers lookers, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        Looker looker = await lookers.Of(context);
        string? said = done == "deleted" ? "The webhook is deleted." : null;
        return Page(looker, new WebhooksView(await webhooks.GetAll(looker.Project, cancellation), WebhookForm.New, Said: said));
    }

    private static async Task<IResult> Make(
        IFormCollection form, HttpContext context, Lookers lookers, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        Looker looker = await lookers.Of(context);
        WebhookForm typed = Checked(WebhookForm.Of(form), webhooks);
        string? secret = null;
        Webhook? made = null;
        if (typed.Faults.Count == 0)
        {
            (made, secret) = await webhooks.Make(looker.Project, typed.Change, cancellation) ?? default;
            typed = made is null
                ? typed with { Faults = [("webhooks", $"A project may have {webhooks.Most} webhooks. Delete one that nobody needs.")] }
                : WebhookForm.New;
        }

        WebhooksView view = new(await webhooks.GetAll(looker.Project, cancellation), typed, secret);
        return Page(looker, view, isWrong: made is null);
    }

    private static Task<IResult> Show(
        Guid id, string? done, string? state, Guid? cursor, HttpContext context, Lookers lookers, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        string? said = done switch
        {
            "saved" => "The webhook is saved.",
            "tested" => "A test is on its way. Look again in a moment.",
            "redelivered" => "What was dead is sent again.",
            _ => null,
        };
        return ShowOne(id, form: null, state, cursor, secret: null, said, context, lookers, webhooks, cancellation);
    }

    private static async Task<IResult> Save(
        Guid id, IFormCollection form, HttpContext context, Lookers lookers, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        WebhookForm typed = Checked(WebhookForm.Of(form), webhooks);
        if (typed.Faults.Count > 0)
        {
            return await ShowOne(id, typed, state: null, cursor: null, secret: null, said: null, context, lookers, webhooks, cancellation);
        }

        return await webhooks.Change(context.User.Project(), id, typed.Change, cancellation) is null
            ? NoSuchWebhook()
            : TypedResults.LocalRedirect($"{Address}/{id}?done=saved");
    }

    private static async Task<IResult> Test(Guid id, HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation) =>
        await webhooks.Test(context.User.Project(), id, cancellation) is null
            ? TypedResults.LocalRedirect($"{Address}/{id}")
            : TypedResults.LocalRedirect($"{Address}/{id}?done=tested#deliveries");

    private static async Task<IResult> Rotate(
        Guid id, HttpContext context, Lookers lookers, ProjectWebhooks webhooks, CancellationToken cancellation) =>
        await webhooks.Rotate(context.User.Project(), id, cancellation) is var (secret, _)
            ? await ShowOne(id, form: null, state: null, cursor: null, secret, said: null, context, lookers, webhooks, cancellation)
            : NoSuchWebhook();

    private static async Task<IResult> Redeliver(
        Guid id, IFormCollection form, HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        Guid? one = Guid.TryParseExact(form["delivery"], "D", out Guid delivery) ? delivery : null;
        await webhooks.Redeliver(context.User.Project(), id, one, cancellation);
        return TypedResults.LocalRedirect($"{Address}/{id}?done=redelivered#deliveries");
    }

    private static async Task<IResult> Delete(Guid id, HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        await webhooks.Delete(context.User.Project(), id, cancellation);
        return TypedResults.LocalRedirect($"{Address}?done=deleted");
    }

    private static async Task<IResult> ShowOne(
        Guid id,
        WebhookForm? form,
        string? state,
        Guid? cursor,
        string? secret,
        string? said,
        HttpContext context,
        Lookers lookers,
        ProjectWebhooks webhooks,
        CancellationToken cancellation)
    {
        Looker looker = await lookers.Of(context);
        if (await webhooks.Get(looker.Project, id, cancellation) is not { } webhook)
        {
            return NoSuchWebhook();
        }

        string? known = DeliveryStates.All.Contains(state) ? state : null;
        WebhookDeliveryPage deliveries = await webhooks.GetDeliveries(id, known, cursor, DeliveriesOnPage, cancellation);
        WebhookView view = new(webhook, form ?? WebhookForm.Of(webhook), deliveries, known, secret, said);
        return new RazorComponentResult<WebhookPage>(new { Looker = looker, View = view })
        {
            StatusCode = form is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
        };
    }

    private static WebhookForm Checked(WebhookForm typed, ProjectWebhooks webhooks)
    {
        AskedFields fields = new();
        webhooks.Check(fields, typed.Change, isNew: true);
        return typed with { Faults = fields.Faults };
    }

    private static RazorComponentResult<WebhooksPage> Page(Looker looker, WebhooksView view, bool isWrong = false) =>
        new(new { Looker = looker, View = view })
        {
            StatusCode = isWrong ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK,
        };

    private static RazorComponentResult<TroublePage> NoSuchWebhook() => PageAnswers.Trouble(
        StatusCodes.Status404NotFound, "There is no such webhook.", "It may have been deleted.", Address, "To all webhooks");
}
