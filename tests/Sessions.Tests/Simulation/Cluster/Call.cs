namespace Sessions.Tests.Simulation.Cluster;

/// <summary>One call of a grain: its message, and the message with its answer.</summary>
internal sealed class Call<T>(
    SimulatedCluster cluster,
    SimulatedProcess caller,
    SimulatedSilo? callersSilo,
    GrainKey grain,
    string what,
    bool interleaves,
    Func<Activation, Task<T>> run,
    TaskCompletionSource<T> answer) : GrainCall(interleaves)
{
    private readonly TimeSpan _expires = cluster.Scheduler.Now + SimulatedCluster.ResponseTimeout;
    private SimulatedSilo? _target;
    private bool _hasTimeout;

    public override bool IsExpired => cluster.Scheduler.Now >= _expires;

    public void Send() => Send(mayDouble: true);

    private void Send(bool mayDouble)
    {
        SimulatedSilo target = cluster.Locate(grain, callersSilo);
        bool isLocal = target == callersSilo;
        cluster.Scheduler.Say($"{caller.Name} calls {what} of {grain} on {target.Process.Name}");
        _target?.Pending.Remove(Break);
        _target = target;
        if (!isLocal)
        {
            target.Pending.Add(Break);
            if (!_hasTimeout)
            {
                _hasTimeout = true;
                cluster.AfterResponseTimeout(() => Fail(new TimeoutException($"{what} of {grain} was not answered in time.")));
            }
        }

        cluster.Send(isLocal, mayDouble, () => Arrive(target));
    }

    public override void SendOn() => Send(mayDouble: false);

    public override async Task Run(Activation activation)
    {
        T result = default!;
        Exception? failure = null;
        try
        {
            result = await run(activation);
        }
        catch (Exception failed)
        {
            failure = failed;
            if (failed is not (SessionsUnavailableException or TimeoutException or SiloUnavailableException))
            {
                cluster.Unexpected.Add($"{what} of {grain} failed: {failed}");
            }
        }

        cluster.Scheduler.Say($"{what} of {grain} on {activation.Silo.Process.Name} for {caller.Name} is done{(failure is null ? "" : $": {failure.Message}")}");
        cluster.Send(activation.Silo == callersSilo, mayDouble: false, () =>
        {
            if (failure is not null)
            {
                Fail(failure);
            }
            else if (answer.TrySetResult(result))
            {
                Close();
            }
        });
    }

    private void Arrive(SimulatedSilo target)
    {
        if (target.IsDeclaredDead && target.Process.IsDead)
        {
            Break();
        }
        else if (!target.Process.IsDead)
        {
            target.ActivationOf(grain).Deliver(this);
        }
    }

    private void Break() => Fail(new SiloUnavailableException($"{_target!.Process.Name} is gone."));

    private void Fail(Exception failure)
    {
        if (answer.TrySetException(failure))
        {
            // Who made the call may have given up.
            _ = answer.Task.Exception;
            Close();
        }
    }

    private void Close() => _target?.Pending.Remove(Break);
}
