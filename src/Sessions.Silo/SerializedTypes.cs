using Sessions.Domain.Folding;

// The domain does not use Orleans' code generator. The serializers for its records that travel between grains are
// generated here.
[assembly: GenerateCodeForDeclaringAssembly(typeof(PlacedEvent))]
