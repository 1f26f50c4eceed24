using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Sessions.Client.Tracking;

/// <summary>
/// The queue of events that callers don't wait for. It sends them in batches and in order, and the rest when the host
/// stops.
/// </summary>
internal sealed partial class EventQueue : IHostedService, IDisposable
{
    private readonly DeviceTracking _tracking;
    private readonly SessionsClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<EventQueue> _log;
    private readonly Channel<Queued> _channel;
    private readonly CancellationTokenSource _giveUp = new();
    private Task _sending = Task.CompletedTask;

    public EventQueue(
        DeviceTracking tracking, IOptions<SessionsClientOptions> options, TimeProvider time, ILogger<EventQueue> log)
    {
        _tracking = tracking;
        _options = options.Value;
        _time = time;
        _log = log;
        _channel = Channel.CreateBounded<Queued>(new BoundedChannelOptions(_options.MaxQueuedEvents) { SingleReader = true });
    }

    public ValueTask Add(SessionEvent happened, CancellationToken cancellation) => Write(new Queued(happened, null), cancellation);

    public async Task Flush(CancellationToken cancellation)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await Write(new Queued(null, reached), cancellation);
        await reached.Task.WaitAsync(cancellation);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _sending = Task.Run(() => Send(_giveUp.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _channel.Writer.TryComplete();
        using CancellationTokenSource patience = new(_options.ShutdownPatience, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        await using (either.Token.Register(_giveUp.Cancel))
        {
            await _sending;
        }
    }

    public void Dispose() => _giveUp.Dispose();

    private async ValueTask Write(Queued queued, CancellationToken cancellation)
    {
        try
        {
            await _channel.Writer.WriteAsync(queued, cancellation);
        }
        catch (ChannelClosedException)
        {
            throw new InvalidOperationException("The host has stopped: the queue takes no more events.");
        }
    }

    private async Task Send(CancellationToken giveUp)
    {
        List<SessionEvent> batch = [];
        List<TaskCompletionSource> waiting = [];
        try
        {
            while (await Collect(batch, waiting, giveUp))
            {
                await Deliver(batch, giveUp);
                waiting.ForEach(flush => flush.TrySetResult());
                batch.Clear();
                waiting.Clear();
            }
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            Abandon(batch.Count, waiting);
        }
    }

    /// <summary>
    /// Collects a batch: waits for a first event, then for more until the batch is full, the interval is over or a
    /// caller flushes. False when the queue has ended.
    /// </summary>
    private async Task<bool> Collect(List<SessionEvent> batch, List<TaskCompletionSource> waiting, CancellationToken giveUp)
    {
        if (!await _channel.Reader.WaitToReadAsync(giveUp))
        {
            return false;
        }

        using CancellationTokenSource interval = new(_options.FlushInterval, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(interval.Token, giveUp);
        try
        {
            do
            {
                while (batch.Count < _options.MaxBatch && _channel.Reader.TryRead(out Queued queued))
                {
                    if (queued.Flush is { } flush)
                    {
                        waiting.Add(flush);
                        return true;
                    }

                    batch.Add(queued.Happened!);
                }
            }
            while (batch.Count < _options.MaxBatch && await _channel.Reader.WaitToReadAsync(either.Token));
        }
        catch (OperationCanceledException) when (!giveUp.IsCancellationRequested)
        {
            // The interval is over: send the batch as it is.
        }

        return true;
    }

    /// <summary>
    /// Retries until the batch is durable. While the cluster is away, the queue fills, and then
    /// <see cref="ISessionsClient.Enqueue"/> waits.
    /// </summary>
    private async Task Deliver(List<SessionEvent> batch, CancellationToken giveUp)
    {
        while (batch.Count > 0)
        {
            try
            {
                TrackReceipt receipt = await _tracking.Track(batch, giveUp);
                foreach (IGrouping<string?, EventReceipt> refused in receipt.Events
                    .Where(made => made.Outcome == EventOutcome.Invalid)
                    .GroupBy(made => made.Reason))
                {
                    LogRefused(refused.Count(), refused.Key);
                }

                return;
            }
            catch (SessionsUnavailableException away)
            {
                LogAway(batch.Count, away.Message);
                await Task.Delay(_options.LongestPause, _time, giveUp);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // A retry would fail again and block all later events.
                LogLost(failure, batch.Count);
                return;
            }
        }
    }

    private void Abandon(int inHand, List<TaskCompletionSource> waiting)
    {
        int left = inHand;
        while (_channel.Reader.TryRead(out Queued queued))
        {
            left += queued.Happened is null ? 0 : 1;
            if (queued.Flush is { } flush)
            {
                waiting.Add(flush);
            }
        }

        waiting.ForEach(flush => flush.TrySetException(
            new InvalidOperationException("The host has stopped before all that was queued could be sent.")));
        if (left > 0)
        {
            LogAbandoned(left);
        }
    }

    [LoggerMessage(8030, LogLevel.Warning, "{Count} queued events were refused ({Reason}). They are not sent again. Correct the program that "
        + "makes them.")]
    private partial void LogRefused(int count, string? reason);

    [LoggerMessage(8031, LogLevel.Warning, "The sessions cluster can't take {Count} queued events now ({Reason}). The client keeps them and "
        + "sends them again. Check that the silos and Postgres run.")]
    private partial void LogAway(int count, string reason);

    [LoggerMessage(8032, LogLevel.Error, "{Count} queued events could not be sent because of a fault, and are lost. The client goes on with the "
        + "next events. Report the fault.")]
    private partial void LogLost(Exception failure, int count);

    [LoggerMessage(8033, LogLevel.Error, "The host stopped before {Count} queued events were sent. They are lost. Give the host more time to stop, "
        + "or flush the client before the end.")]
    private partial void LogAbandoned(int count);

    /// <summary>An event, or the mark of a flush that waits for all events before it.</summary>
    private readonly record struct Queued(SessionEvent? Happened, TaskCompletionSource? Flush);
}
