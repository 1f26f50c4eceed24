using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Columns.Asking;

namespace Sessions.Columns.Serving;

/// <summary>The HTTP endpoint of the process: gateways that know the secret ask it.</summary>
internal sealed partial class ColumnsEndpoint(
    OpenProjects projects, IOptions<ColumnsClientOptions> client, ColumnsMetrics metrics, TimeProvider time, ILogger<ColumnsEndpoint> log)
{
    private const int LongestQuestion = 16 * 1024 * 1024;

    private static readonly TimeSpan LongestTime = TimeSpan.FromMinutes(10);

    private readonly byte[] _expected = SHA256.HashData(Encoding.UTF8.GetBytes("Bearer " + client.Value.Secret));

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        ColumnsEndpoint endpoint = routes.ServiceProvider.GetRequiredService<ColumnsEndpoint>();
        routes.MapPost(ColumnsClient.Path, endpoint.Answer);
        routes.MapGet("/health/ready", endpoint.Health);
    }

    private async Task Answer(HttpContext context)
    {
        if (!Knows(context))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        long asked = time.GetTimestamp();
        string outcome = "failed";
        try
        {
            outcome = await Answer(context, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            outcome = "left";
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            LogFailed(failure.Message, failure);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }

        metrics.Answered(outcome, time.GetElapsedTime(asked));
    }

    private async Task<string> Answer(HttpContext context, CancellationToken left)
    {
        HttpResponse response = context.Response;
        if (context.Request.ContentLength is not (>= 0 and <= LongestQuestion))
        {
            response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return "refused";
        }

        try
        {
            using MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body, left);
            body.Position = 0;
            (string project, IReadOnlyList<ColumnsStatement> statements, ColumnsLimits limits) = ColumnsWire.ReadQuestion(body);
            limits = new ColumnsLimits(limits.Time < LongestTime ? limits.Time : LongestTime, Math.Max(limits.Rows, 0));
            if (await projects.Read(project, statements, limits, left) is not { } answers)
            {
                response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return "unavailable";
            }

            byte[] bytes = ColumnsWire.Write(answers);
            response.ContentType = "application/octet-stream";
            response.ContentLength = bytes.Length;
            await response.Body.WriteAsync(bytes, left);
            return "answered";
        }
        catch (ColumnsRefusedException refused)
        {
            response.StatusCode = StatusCodes.Status400BadRequest;
            await response.WriteAsync(refused.Message, left);
            return "refused";
        }
        catch (TimeoutException)
        {
            response.StatusCode = StatusCodes.Status504GatewayTimeout;
            return "late";
        }
        catch (InvalidDataException)
        {
            // Of another version: Postgres answers until both are of the same.
            response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return "unavailable";
        }
    }

    /// <summary>Says whether the process is ready, and to those who know the secret how far each project's file is.</summary>
    private IResult Health(HttpContext context)
    {
        bool isReady = projects.Holder.Id is not null;
        ColumnsHealth health = new(
            isReady ? "ready" : "starting",
            !Knows(context) ? null :
            [
                .. projects.Open.Select(project => new ProjectHealth(
                    project.Project,
                    project.Built is not null ? "building" : project.State is not null ? "ready" : "away",
                    project.Built)),
            ]);
        return Results.Json(health, statusCode: isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private bool Knows(HttpContext context) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString())), _expected);

    [LoggerMessage(9030, LogLevel.Error, "A question to the columns failed ({Reason}). Postgres answers it. Please report this with the lines that follow.")]
    private partial void LogFailed(string reason, Exception fault);
}

/// <summary>The state of the process.</summary>
internal sealed record ColumnsHealth(string Status, IReadOnlyList<ProjectHealth>? Projects);

/// <summary>The state of a project's file.</summary>
/// <param name="Project">The project.</param>
/// <param name="Status">ready, building, or away.</param>
/// <param name="EventsCopied">How many events the current build has copied.</param>
internal sealed record ProjectHealth(string Project, string Status, long? EventsCopied);
