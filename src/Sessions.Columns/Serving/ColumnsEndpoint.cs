using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Columns.Asking;

namespace Sessions.Columns.Serving;

/// <summary>The HTTP endpoint of the process: gateways that know the secret ask it.</summary>
internal sealed partial class ColumnsEndpoint(
    OpenProjects projects, IOptions<ColumnsClientOptions> client, ColumnsMetrics metrics, TimeProvider time, ILogger<ColumnsEndpoint> log)
{
    private const int LongestQuestion = 16 * 1024 * 1024;

    private static readonly TimeSpan LongestTime = TimeSpan.FromHours(24);

    private readonly byte[] _expected = SHA256.HashData(Encoding.UTF8.GetBytes("Bearer " + client.Value.Secret));

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        ColumnsEndpoint endpoint = routes.ServiceProvider.GetRequiredService<ColumnsEndpoint>();
        routes.MapPost(ColumnsClient.Path, endpoint.AnswerStatements);
        routes.MapPost(ColumnsClient.SqlPath, endpoint.AnswerUserSql);
        routes.MapPost(ColumnsClient.RowsPath, endpoint.AnswerRows);
        routes.MapGet(ColumnsClient.HealthPath, (Delegate)endpoint.Health);
    }

    private Task AnswerStatements(HttpContext context) => Answer(context, (body, left) => Send(context.Response, ReadStatements(body, left), left));

    private Task AnswerUserSql(HttpContext context) => Answer(context, (body, left) => Send(context.Response, ReadUserSql(body, left), left));

    private Task AnswerRows(HttpContext context) => Answer(context, (body, left) => SendRows(context, body, left));

    /// <summary>Answers statements of gateways; null when Postgres must answer.</summary>
    private Task<IReadOnlyList<ColumnsAnswer>?> ReadStatements(Stream body, CancellationToken left)
    {
        (string project, IReadOnlyList<ColumnsStatement> statements, ColumnsLimits limits) = ColumnsWire.ReadQuestion(body);
        return projects.Read(project, statements, new ColumnsLimits(Bounded(limits.Time), Math.Max(limits.Rows, 0)), left);
    }

    /// <summary>Answers a person's question; null when Postgres must answer.</summary>
    private async Task<IReadOnlyList<ColumnsAnswer>?> ReadUserSql(Stream body, CancellationToken left)
    {
        UserQuestion question = ColumnsWire.ReadUserQuestion(body);
        return await projects.Read(question with { Time = Bounded(question.Time), Rows = Math.Max(question.Rows, 0) }, left) is { } answer ? [answer] : null;
    }

    private static async Task<bool> Send(HttpResponse response, Task<IReadOnlyList<ColumnsAnswer>?> reading, CancellationToken left)
    {
        if (await reading is not { } answers)
        {
            return false;
        }

        byte[] bytes = ColumnsWire.Write(answers);
        response.ContentType = "application/octet-stream";
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, left);
        return true;
    }

    /// <summary>
    /// Sends the rows of a statement while they are written. False when Postgres must answer. When it fails after its beginning,
    /// the connection breaks.
    /// </summary>
    private async Task<bool> SendRows(HttpContext context, Stream body, CancellationToken left)
    {
        (string project, IReadOnlyList<ColumnsStatement> statements, ColumnsLimits limits) = ColumnsWire.ReadQuestion(body);
        using Spool spool = projects.MakeSpool();
        Task<Spool?> writing = WriteRows();
        try
        {
            await Task.WhenAny(writing, spool.Began);
            if (writing.IsCompleted && await writing is null)
            {
                return false;
            }

            context.Response.ContentType = "application/octet-stream";
            await spool.CopyTo(context.Response, left);
            await writing;
            return true;
        }
        catch (Exception failure) when (context.Response.HasStarted && !left.IsCancellationRequested)
        {
            LogBroken(project, failure.Message);
            context.Abort();
            return true;
        }
        finally
        {
            // It must not write into a spool that is gone.
            await writing.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        async Task<Spool?> WriteRows()
        {
            try
            {
                return await projects.WriteRows(project, statements[0], Bounded(limits.Time), spool, left);
            }
            finally
            {
                spool.End();
            }
        }
    }

    private static TimeSpan Bounded(TimeSpan time) => time > LongestTime ? LongestTime : time < TimeSpan.Zero ? TimeSpan.Zero : time;

    [LoggerMessage(9031, LogLevel.Warning, "Rows of project {Project} could not all be sent ({Reason}). The connection is closed, so the export fails "
        + "and its user can start it again.")]
    private partial void LogBroken(string project, string reason);

    private async Task Answer(HttpContext context, Func<Stream, CancellationToken, Task<bool>> read)
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
            outcome = await Answer(context, read, context.RequestAborted);
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

    private static async Task<string> Answer(
        HttpContext context, Func<Stream, CancellationToken, Task<bool>> read, CancellationToken left)
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
            if (!await read(body, left))
            {
                response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return "unavailable";
            }

            return "answered";
        }
        catch (ColumnsRefusedException refused)
        {
            response.StatusCode = StatusCodes.Status400BadRequest;
            await response.WriteAsync(ColumnsWire.Write(refused), left);
            return "refused";
        }
        catch (ColumnsMemoryException)
        {
            response.StatusCode = StatusCodes.Status507InsufficientStorage;
            return "late";
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
    private async Task<IResult> Health(HttpContext context)
    {
        bool isReady = projects.Holder.Id is not null;
        List<ProjectHealth>? known = Knows(context) ? [] : null;
        foreach (ProjectColumns project in known is null ? [] : projects.Open)
        {
            string status = project.Built is not null ? "building" : project.State is not null ? "ready" : "away";
            known!.Add(new ProjectHealth(project.Project, status, project.Built, await PercentOf(project, context.RequestAborted)));
        }

        ColumnsHealth health = new(isReady ? "ready" : "starting", known);
        return Results.Json(health, statusCode: isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private async Task<int?> PercentOf(ProjectColumns project, CancellationToken cancellation)
    {
        try
        {
            return await projects.PercentOf(project, cancellation);
        }
        catch (NpgsqlException)
        {
            return null;
        }
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
/// <param name="Percent">How much of it is done.</param>
internal sealed record ProjectHealth(string Project, string Status, long? EventsCopied, int? Percent);
