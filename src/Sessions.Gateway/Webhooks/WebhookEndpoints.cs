using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Gateway.Access;
using Sessions.Gateway.Api;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Webhooks;

/// <summary>A project's webhooks and their deliveries, for its admins: an address may hold a secret.</summary>
internal static class WebhookEndpoints
{
    private const string Path = "/project/webhooks";
    private const long MaxBodyBytes = 64 * 1024;
    private const int NotFound = StatusCodes.Status404NotFound;
    private const int Conflict = StatusCodes.Status409Conflict;

    public static void MapWebhooks(this IEndpointRouteBuilder api)
    {
        RouteGroupBuilder hooks = api.MapGroup("").RequireAuthorization(AccessSchemes.ApiAdminPolicy);
        hooks.MapGet(Path, List).WithName("ListWebhooks").WithSummary("The project's webhooks.").AnswersAdmin("WebhookPage");
        hooks.MapPost(Path, Make).WithName("MakeWebhook").Takes("AskedWebhook").AnswersAdmin("NewWebhook", Conflict)
            .WithSummary("Makes a webhook. Only this answer has its secret.");
        hooks.MapGet(Path + "/{id}", Get).WithName("GetWebhook").WithSummary("A webhook.").AnswersAdmin("Webhook", NotFound);
        hooks.MapPut(Path + "/{id}", Put).WithName("UpdateWebhook").Takes("AskedWebhook").AnswersAdmin("Webhook", NotFound)
            .WithSummary("Changes what the body names. One that had failed is asked again at once.");
        hooks.MapDelete(Path + "/{id}", Delete).WithName("DeleteWebhook").WithSummary("Deletes a webhook with its deliveries.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(NotFound)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        hooks.MapPost(Path + "/{id}/secret", Rotate).WithName("RotateWebhookSecret").AnswersAdmin("NewWebhook", NotFound)
            .WithSummary("Makes a new secret. The one before is valid too until former_secret_until.");
        hooks.MapPost(Path + "/{id}/test", Test).WithName("TestWebhook").AnswersAdmin("WebhookTest", NotFound, Conflict)
            .WithSummary("Sends webhook.test; its delivery tells what came of it.");
        hooks.MapGet(Path + "/{id}/deliveries", ListDeliveries).WithName("ListWebhookDeliveries").AnswersAdmin("WebhookDeliveryPage", NotFound)
            .WithSummary("A page of deliveries, the newest first; state is pending, delivered or dead.");
        hooks.MapPost(Path + "/{id}/deliveries/redeliver", RedeliverAll).WithName("RedeliverDead").AnswersAdmin("Redelivered", NotFound)
            .WithSummary("Sends all dead deliveries again.");
        hooks.MapPost(Path + "/{id}/deliveries/{delivery}/redeliver", Redeliver).WithName("Redeliver").AnswersAdmin("Redelivered", NotFound)
            .WithSummary("Sends a dead delivery again.");
    }

    private static RouteHandlerBuilder AnswersAdmin(this RouteHandlerBuilder call, string schema, params int[] problems) =>
        call.Answers(schema, [StatusCodes.Status403Forbidden, .. problems]);

    private static async Task<IResult> List(HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        IReadOnlyList<Webhook> all = await webhooks.GetAll(context.User.Project(), cancellation);
        return new JsonAnswer(json => SessionJson.WritePage(json, all, WebhookJson.Write, next: null));
    }

    private static async Task<IResult> Make(HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        AskedFields fields = new();
        WebhookChange? asked = await Read(context, fields, webhooks, isNew: true, cancellation);
        if (fields.Problem is { } problem)
        {
            return problem;
        }

        return await webhooks.Make(context.User.Project(), asked!, cancellation) is var (made, secret)
            ? new JsonAnswer(json => WebhookJson.Write(json, made, secret))
            : TypedResults.Problem(
                statusCode: Conflict,
                title: "The project has as many webhooks as it may have.",
                detail: $"A project may have {webhooks.Most} webhooks; delete one that nobody needs.");
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

        AskedFields fields = new();
        WebhookChange? asked = await Read(context, fields, webhooks, isNew: false, cancellation);
        return fields.Problem is { } problem ? problem : Answer(await webhooks.Change(context.User.Project(), webhook, asked!, cancellation));
    }

    private static async Task<IResult> Delete(string id, HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        if (!TryParse(id, out Guid webhook))
        {
            return WrongId("id");
        }

        return await webhooks.Delete(context.User.Project(), webhook, cancellation) ? TypedResults.NoContent() : NoSuchWebhook();
    }

    private static async Task<IResult> Rotate(string id, HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        if (!TryParse(id, out Guid webhook))
        {
            return WrongId("id");
        }

        string project = context.User.Project();
        return await webhooks.Rotate(project, webhook, cancellation) is var (secret, _)
            && await webhooks.Get(project, webhook, cancellation) is { } now
                ? new JsonAnswer(json => WebhookJson.Write(json, now, secret))
                : NoSuchWebhook();
    }

    private static async Task<IResult> Test(string id, HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        if (!TryParse(id, out Guid webhook))
        {
            return WrongId("id");
        }

        string project = context.User.Project();
        if (await webhooks.Test(project, webhook, cancellation) is { } delivery)
        {
            return new JsonAnswer(json =>
            {
                json.WriteStartObject();
                json.WriteString("delivery", delivery);
                json.WriteEndObject();
            });
        }

        return await webhooks.Get(project, webhook, cancellation) is null
            ? NoSuchWebhook()
            : TypedResults.Problem(statusCode: Conflict, title: "The webhook is not active.", detail: "Nothing is sent to it until it is active again.");
    }

    private static async Task<IResult> ListDeliveries(
        string id, string? state, string? limit, string? cursor, HttpContext context, ProjectWebhooks webhooks, IOptions<ApiOptions> options,
        CancellationToken cancellation)
    {
        if (!TryParse(id, out Guid webhook))
        {
            return WrongId("id");
        }

        AskedFields fields = new();
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
        return new JsonAnswer(json => SessionJson.WritePage(json, page.Deliveries, WebhookJson.Write, page.Next?.ToString()));
    }

    private static async Task<IResult> RedeliverAll(string id, HttpContext context, ProjectWebhooks webhooks, CancellationToken cancellation)
    {
        if (!TryParse(id, out Guid webhook))
        {
            return WrongId("id");
        }

        string project = context.User.Project();
        int count = await webhooks.Redeliver(project, webhook, delivery: null, cancellation);
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

        return await webhooks.Redeliver(context.User.Project(), webhook, one, cancellation) is > 0 and int count
            ? Redelivered(count)
            : TypedResults.Problem(statusCode: NotFound, title: "The webhook has no such dead delivery.");
    }

    private static async Task<WebhookChange?> Read(
        HttpContext context, AskedFields fields, ProjectWebhooks webhooks, bool isNew, CancellationToken cancellation)
    {
        WebhookChange? asked = await AskedBody.Read(context, fields, MaxBodyBytes, body => AskedWebhook.Read(fields, body), cancellation);
        if (fields.Problem is null)
        {
            webhooks.Check(fields, asked!, isNew);
        }

        return asked;
    }

    private static IResult Answer(Webhook? webhook) =>
        webhook is null ? NoSuchWebhook() : new JsonAnswer(json => WebhookJson.Write(json, webhook));

    private static JsonAnswer Redelivered(int count) => new(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("redelivered", count);
        json.WriteEndObject();
    });

    private static bool TryParse(string text, out Guid id) => Guid.TryParseExact(text, "D", out id);

    private static ProblemHttpResult WrongId(string field) =>
        AskedFields.Refusal(field, $"must be a {(field == "id" ? "webhook" : "delivery")}'s id: a UUID of 36 characters");

    private static ProblemHttpResult NoSuchWebhook() =>
        TypedResults.Problem(statusCode: NotFound, title: "The project has no such webhook.");
}
