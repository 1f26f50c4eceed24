using System.Reflection;
using Sessions.Domain.Tests;
using Sessions.Domain.Time;

[assembly: AssemblyFixture(typeof(FreshStaticFields))]

namespace Sessions.Domain.Tests;

/// <summary>
/// Sets the domain's static fields again before each run of tests. Stryker runs the tests of all its changes in one
/// process: without this, a static field keeps the value that it got before the change, and the change survives whatever the
/// tests say; or it keeps the value of a change that is over, and later ones die of it.
/// </summary>
public sealed class FreshStaticFields
{
    // A field may be set from another type's; no chain of them is longer.
    private const int Rounds = 3;

    public FreshStaticFields()
    {
        for (int i = 0; i < Rounds; i++)
        {
            foreach (Type type in typeof(Moment).Assembly.GetTypes())
            {
                if (type is { ContainsGenericParameters: false, TypeInitializer: ConstructorInfo initializer }
                    && type.FullName!.StartsWith("Sessions.", StringComparison.Ordinal))
                {
                    SetFields(initializer);
                }
            }
        }
    }

    // Reflection refuses to run an initializer twice; its code can be called.
    private static unsafe void SetFields(ConstructorInfo initializer) =>
        ((delegate*<void>)initializer.MethodHandle.GetFunctionPointer())();
}
