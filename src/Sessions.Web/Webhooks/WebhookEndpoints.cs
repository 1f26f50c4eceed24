using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Queries.Webhooks;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Webhooks;

/// <summary>
/// The calls for a project's webhooks and their deliveries. They need an admin key, because a webhook's address may
/// contain a secret.
/// </summary>
internal static class WebhookEndpoints
{
    private const string Path = "/project/webhooks";
    private const long MaxBodyBytes = 64 * 1024;
    private const int NotFound = StatusCodes.Status404NotFound;
    private const int Conflict = StatusCodes.Status409Conflict;

    public static void MapWebhooks(this IEndpointRouteBuilder api)
    {
        RouteGroupBuilder hooks = api.MapGroup("").RequireAuthorization(AccessSchemes.ApiAdminPolicy);
        hooks.MapGet(Path, List).WithName("ListWebhooks").WithSummary("The project's webhooks.").AnswersAdmin<PageJson<WebhookJson>>();
        hooks.MapPost(Path, Make).WithName("MakeWebhook").Takes<WebhookRequestJson>().AnswersAdmin<NewWebhookJson>(Conflict)
            .WithSummary("Creates a webhook. Only this answer contains its secret.");
        hooks.MapGet(Path + "/{id}", Get).WithName("GetWebhook").WithSummary("A webhook.").AnswersAdmin<WebhookJson>(NotFound);
        hooks.MapPut(Path + "/{id}", Put).WithName("UpdateWebhook").Takes<WebhookRequestJson>().AnswersAdmin<WebhookJson>(NotFound)
            .WithSummary("Changes the fields in the body. If the webhook was failing, its deliveries are attempted again at once.");
        hooks.MapDelete(Path + "/{id}", Delete).WithName("DeleteWebhook").WithSummary("Deletes a webhook with its deliveries.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(NotFound)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        hooks.MapPost(Path + "/{id}/secret", Rotate).WithName("RotateWebhookSecret").AnswersAdmin<NewWebhookJson>(NotFound)
            .WithSummary("Creates a new secret. The previous one is also valid until former_secret_until.");
        hooks.MapPost(Path + "/{id}/test", Test).WithName("TestWebhook").AnswersAdmin<WebhookTestJson>(NotFound, Conflict)
            .WithSummary("Sends webhook.test. The delivery shows the result.");
        hooks.MapGet(Path + "/{id}/deliveries", ListDeliveries).WithName("ListWebhookDeliveries").AnswersAdmin<PageJson<WebhookDeliveryJson>>(NotFound)
            .WithSummary("A page of deliveries, the newest first; state is pending, delivered or dead.");
        hooks.MapPost(Path + "/{id}/deliveries/redeliver", RedeliverAll).WithName("RedeliverDead").AnswersAdmin<RedeliveredJson>(NotFound)
            .WithSummary("Sends all dead deliveries again.");
        hooks.MapPost(Path + "/{id}/deliveries/{delivery}/redeliver", Redeliver).WithName("Redeliver").AnswersAdmin<RedeliveredJson>(NotFound)
            .WithSummary("Sends a dead delivery again.");
    }

    private static RouteHandlerBuilder AnswersAdmin<T>(this RouteHandlerBuilder call, params int[] problems) =>
        call.Answers<T>([StatusCodes.Status403Forbidden, .. problems]);

    private static async Task<IResult> List(HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        IReadOnlyList<Webhook> all = await webhooks.GetAll(context.User.Project(), cancellation);
        return JsonAnswer.Of(new PageJson<WebhookJson>([.. all.Select(WebhookJson.Of)], Next: null), WebhookJsonContext.Default.PageJsonWebhookJson);
    }

    private static async Task<IResult> Make(HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        RequestErrors fields = new();
        WebhookChange? asked = await Read(context, fields, webhooks, isNew: true, cancellation);
        if (fields.Problem is { } problem)
        {
            return problem;
        }

        return await webhooks.Make(context.User, asked!, cancellation) is var (made, secret)
            ? JsonAnswer.Of(NewWebhookJson.Of(made, secret), WebhookJsonContext.Default.NewWebhookJson)
            : TypedResults.Problem(
                statusCode: Conflict,
                title: "The project has the most webhooks allowed.",
                detail: $"A project may have {webhooks.Most} webhooks. Delete one that is not in use.");
    }

    private static async Task<IResult> Get(string id, HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        if (!TryParse(id, out Guid webhook))
        {
            return WrongId("id");
        }

        return Answer(await webhooks.Get(context.User.Project(), webhook, cancellation));
    }

    private static async Task<IResult> Put(string id, HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        if (!TryParse(id, out Guid webhook))
        {
            return WrongId("id");
        }

        RequestErrors fields = new();
        WebhookChange? asked = await Read(context, fields, webhooks, isNew: false, cancellation);
        return fields.Problem is { } problem ? problem : Answer(await webhooks.Change(context.User, webhook, asked!, cancellation));
    }

    private static async Task<IResult> Delete(string id, HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        if (!TryParse(id, out Guid webhook))
        {
            return WrongId("id");
        }

        return await webhooks.Delete(context.User, webhook, cancellation) ? TypedResults.NoContent() : NoSuchWebhook();
    }

    private static async Task<IResult> Rotate(string id, HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        if (!TryParse(id, out Guid webhook))
        {
            return WrongId("id");
        }

        string project = context.User.Project();
        return await webhooks.Rotate(context.User, webhook, cancellation) is var (secret, _)
            && await webhooks.Get(project, webhook, cancellation) is { } now
                ? JsonAnswer.Of(NewWebhookJson.Of(now, secret), WebhookJsonContext.Default.NewWebhookJson)
                : NoSuchWebhook();
    }

    private static async Task<IResult> Test(string id, HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        if (!TryParse(id, out Guid webhook))
        {
            return WrongId("id");
        }

        string project = context.User.Project();
        if (await webhooks.Test(context.User, webhook, cancellation) is { } delivery)
        {
            return JsonAnswer.Of(new WebhookTestJson(delivery), WebhookJsonContext.Default.WebhookTestJson);
        }

        return await webhooks.Get(project, webhook, cancellation) is null
            ? NoSuchWebhook()
            : TypedResults.Problem(statusCode: Conflict, title: "The webhook is not active.", detail: "The gateway sends nothing to it until it is active again.");
    }

    private static async Task<IResult> ListDeliveries(
        string id, string? state, string? limit, string? cursor, HttpContext context, ProjectWebhooks webhooks, IOptions<ApiOptions> options,
        CancellationToken cancellation)
    {
        if (!TryParse(id, out Guid webhook))
        {
            return WrongId("id");
        }

        RequestErrors fields = new();
        int most = fields.Limit(limit, options.Value);
        if (!string.IsNullOrEmpty(state) && !DeliveryStates.All.Contains(state))
        {
            fields.Refuse("state", $"must be one of {string.Join(", ", DeliveryStates.All)}");
        }

        Guid after = default;
        if (!string.IsNullOrEmpty(cursor) && !TryParse(cursor, out after))
        {
            fields.Refuse("cursor", "must be the next of a page of deliveries");
        }

        if (fields.Problem is { } problem)
        {
            return problem;
        }

        if (await webhooks.Get(context.User.Project(), webhook, cancellation) is null)
        {
            return NoSuchWebhook();
        }

        WebhookDeliveryPage page = await webhooks.GetDeliveries(
            webhook, string.IsNullOrEmpty(state) ? null : state, string.IsNullOrEmpty(cursor) ? null : after, most, cancellation);
        return JsonAnswer.Of(
            new PageJson<WebhookDeliveryJson>([.. page.Deliveries.Select(WebhookDeliveryJson.Of)], page.Next?.ToString()),
            WebhookJsonContext.Default.PageJsonWebhookDeliveryJson);
    }

    private static async Task<IResult> RedeliverAll(string id, HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        if (!TryParse(id, out Guid webhook))
        {
            return WrongId("id");
        }

        string project = context.User.Project();
        int count = await webhooks.Redeliver(context.User, webhook, delivery: null, cancellation);
        return count == 0 && await webhooks.Get(project, webhook, cancellation) is null ? NoSuchWebhook() : Redelivered(count);
    }

    private static async Task<IResult> Redeliver(
        string id, string delivery, HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        if (!TryParse(id, out Guid webhook))
        {
            return WrongId("id");
        }

        if (!TryParse(delivery, out Guid one))
        {
            return WrongId("delivery");
        }

        return await webhooks.Redeliver(context.User, webhook, one, cancellation) is > 0 and int count
            ? Redelivered(count)
            : TypedResults.Problem(statusCode: NotFound, title: "The webhook has no such dead delivery.");
    }

    private static async Task<WebhookChange?> Read(
        HttpContext context, RequestErrors fields, ProjectWebhooks webhooks, bool isNew, CancellationToken cancellation)
    {
        WebhookChange? asked = await RequestBody.Read(context, fields, MaxBodyBytes, body => WebhookRequest.Read(fields, body), cancellation);
        if (fields.Problem is null)
        {
            webhooks.Check(fields, asked!, isNew);
        }

        return asked;
    }

    private static IResult Answer(Webhook? webhook) =>
        webhook is null ? NoSuchWebhook() : JsonAnswer.Of(WebhookJson.Of(webhook), WebhookJsonContext.Default.WebhookJson);

    private static JsonAnswer Redelivered(int count) =>
        JsonAnswer.Of(new RedeliveredJson(count), WebhookJsonContext.Default.RedeliveredJson);

    private static bool TryParse(string text, out Guid id) => Guid.TryParseExact(text, "D", out id);

    private static ProblemHttpResult WrongId(string field) =>
        RequestErrors.Refusal(field, $"must be a {(field == "id" ? "webhook" : "delivery")}'s id: a UUID of 36 characters");

    private static ProblemHttpResult NoSuchWebhook() =>
        TypedResults.Problem(statusCode: NotFound, title: "The project has no such webhook.");
}
