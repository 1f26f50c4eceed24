using Microsoft.Extensions.Hosting;

namespace Sessions.Database;

/// <summary>When the first step of a <see cref="PeriodicWork"/> runs.</summary>
public enum FirstStep
{
    /// <summary>One interval after the start.</summary>
    AfterInterval,

    /// <summary>At the start. The host does not wait for it.</summary>
    AtOnce,

    /// <summary>At the start. The host starts nothing else until it is done.</summary>
    BeforeTheHostGoesOn,
}

/// <summary>
/// Runs a step every interval until the host stops. The first failing step is logged, and so is the first step that
/// succeeds again. A failure ends neither the loop nor the process.
/// </summary>
/// <param name="interval">The time from one step to the next. A step that takes longer delays the next one.</param>
/// <param name="time">The clock.</param>
/// <param name="first">When the first step runs.</param>
public abstract class PeriodicWork(TimeSpan interval, TimeProvider time, FirstStep first = FirstStep.AfterInterval) : BackgroundService
{
    private readonly Outage _outage = new();
    private readonly Outage _fault = new();

    /// <summary>The clock.</summary>
    protected TimeProvider Time { get; } = time;

    /// <summary>The time from one step to the next. A change takes effect when the current step ends.</summary>
    protected TimeSpan Interval { get; set; } = interval;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (first == FirstStep.BeforeTheHostGoesOn)
        {
            await Attempt(cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    /// <summary>Does the work once.</summary>
    protected abstract Task Step(CancellationToken stopping);

    /// <summary>Logs that the work fails from now on.</summary>
    /// <param name="reason">The failure's message.</param>
    /// <param name="fault">The failure, when it is a fault of the program; null when Postgres or the cluster is away.</param>
    protected abstract void LogFailing(string reason, Exception? fault);

    /// <summary>Logs that the work succeeds again.</summary>
    protected abstract void LogWorking();

    /// <summary>Whether the failure says that Postgres or the cluster is away, and not that the program has a fault.</summary>
    protected virtual bool IsOutage(Exception failure) =>
        failure is SessionsUnavailableException || PostgresAway.MayPass(failure);

    /// <summary>Runs a step. Logs its failure, unless <paramref name="cancellation"/> asks it to end.</summary>
    protected async Task Attempt(CancellationToken cancellation)
    {
        try
        {
            await Step(cancellation);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException && !cancellation.IsCancellationRequested)
        {
            Exception? fault = IsOutage(failure) ? null : failure;
            // A fault that comes during an outage is logged too.
            if ((fault is null ? _outage : _fault).Begin())
            {
                LogFailing(failure.Message, fault);
            }

            return;
        }

        if (_outage.End() | _fault.End())
        {
            LogWorking();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, Time);
        try
        {
            if (first == FirstStep.AtOnce)
            {
                await Attempt(stoppingToken);
            }

            while (await NextTick(timer, stoppingToken))
            {
                await Attempt(stoppingToken);
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException && stoppingToken.IsCancellationRequested)
        {
            // The host stops. A failure that this causes is not logged.
        }
    }

    private ValueTask<bool> NextTick(PeriodicTimer timer, CancellationToken stopping)
    {
        // Setting the period restarts the timer, so it is set only when it has changed.
        if (timer.Period != Interval)
        {
            timer.Period = Interval;
        }

        return timer.WaitForNextTickAsync(stopping);
    }
}
